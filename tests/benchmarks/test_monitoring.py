"""The benchmark of monitoring on the generated shop: that its code works, in seconds."""

import sys

from tests.benchmarks import monitoring


def test_the_quick_part_finds_a_changed_unit_and_gives_no_false_alarm(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["monitoring", "--quick"])
    monitoring.main()
    told = capsys.readouterr().out
    assert "| a unit changed (cents) | Generated shop | 1 | 1 | 1 (1×) |" in told
    assert "| a group hidden from the lists | Generated shop | 5 | 5 |" in told
    assert "| all | 1 | 9 | 0 | 0.0% |" in told


def test_a_log_that_is_not_here_is_said_to_be_left_out(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SWAYREC_DATA", str(tmp_path))
    assert [log.name for log in monitoring.there(monitoring.logs())] == ["groceries"]
    assert "Cofacts is left out: there is no" in capsys.readouterr().out
