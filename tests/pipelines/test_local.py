import pytest

from pipelines import local
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError


class Told:
    """Keeps which steps it is told of."""

    def __init__(self):
        self.steps = []

    def started(self, step):
        self.steps.append(("started", step))

    def said(self, step, text):
        pass

    def finished(self, step, seconds):
        self.steps.append(("finished", step))

    def cached(self, step):
        self.steps.append(("cached", step))


def test_bad_input_found_in_a_step_is_its_one_sentence(shop, tmp_path, capsys):
    shop.write_text(shop.read_text().replace('user = "u"', 'user = "customer"'))
    told = Told()
    with pytest.raises(InputError, match=r"customer") as raised:
        local.run(Workspace(tmp_path / "workspace"), shop, "", told)
    assert "\n" not in str(raised.value)
    assert told.steps == [("started", "ingest")]
    assert capsys.readouterr().out == ""
    assert "Traceback" in (tmp_path / "workspace" / "logs" / "training.log").read_text()


def test_remains_of_a_killed_run_are_swept_away_by_the_next(shop, tmp_path):
    remains = tmp_path / "workspace" / "runs" / "swayrec-training-2026-01-01-00-00-00-000000" / "ingest"
    remains.mkdir(parents=True)
    shop.write_text(shop.read_text().replace('user = "u"', 'user = "customer"'))
    with pytest.raises(InputError):
        local.run(Workspace(tmp_path / "workspace"), shop, "", Told())
    assert not remains.parent.exists()


def test_step_that_dies_without_a_word_is_named_with_its_log(shop, tmp_path, monkeypatch):
    # The dynamic linker warns and the interpreter cannot start: no line of ours is ever printed.
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    with pytest.raises(local.StepError, match=r"step ingest failed: .*training\.log"):
        local.run(Workspace(tmp_path / "workspace"), shop, "", Told())
