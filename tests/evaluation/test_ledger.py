import resource
from datetime import UTC, datetime

import pytest

from swayrec.evaluation.ledger import Ledger, fingerprint
from swayrec.tables.errors import InputError

NOW = datetime(2025, 11, 25, tzinfo=UTC)


def test_every_new_setting_is_a_touch_and_the_same_again_is_none(tmp_path):
    ledger = Ledger(tmp_path / "deep" / "ledger.jsonl")
    first, new = ledger.touch("shop", "test", "d1", {"ridge": 1, "k": [1, 2]}, NOW, "first scoring")
    again, new_again = ledger.touch("shop", "test", "d1", {"k": [1, 2], "ridge": 1}, datetime.now(UTC))
    assert new and not new_again and again == first
    assert ledger.touch("shop", "test", "d1", {"ridge": 2}, NOW)[1]
    assert ledger.touch("shop", "later", "d1", {"ridge": 1, "k": [1, 2]}, NOW)[1]
    assert ledger.touch("shop", "test", "d2", {"ridge": 1, "k": [1, 2]}, NOW)[1]
    assert len(ledger.touches()) == 4
    assert ledger.count("shop", "test", "d1") == 2


def test_a_ledger_outlives_the_process_that_wrote_it(tmp_path):
    path = tmp_path / "ledger.jsonl"
    Ledger(path).touch("shop", "test", "d", {"a": "中文"}, NOW, "说明")
    (touch,) = Ledger(path).touches()
    assert (touch.note, touch.time, touch.part) == ("说明", "2025-11-25T00:00:00+00:00", "test")
    assert touch.settings == fingerprint({"a": "中文"})


def test_a_spoiled_line_is_named(tmp_path):
    path = tmp_path / "ledger.jsonl"
    Ledger(path).touch("shop", "test", "d", {}, NOW)
    path.write_text(path.read_text() + "{half\n")
    with pytest.raises(InputError, match="line 2"):
        Ledger(path).touches()
    path.write_bytes(b"\xff\n")
    with pytest.raises(InputError, match="line 1"):
        Ledger(path).touches()


def test_a_full_disk_leaves_no_half_of_a_line(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.touch("shop", "test", "d", {}, NOW)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A limit on the size of files cuts a write short as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (ledger.path.stat().st_size + 10, limits[1]))
    try:
        with pytest.raises(OSError, match=r"No space left.*ledger\.jsonl"):
            ledger.touch("shop", "test", "other", {}, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [touch.data for touch in ledger.touches()] == ["d"]
    assert ledger.touch("shop", "test", "other", {}, NOW)[1]
