import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from swayrec.operations import exposures
from swayrec.operations.exposures import Exposure, ExposureFiles
from swayrec.operations.pseudonym import pseudonyms
from swayrec.tables.schema import EXPOSURES

KEY = b"k" * 32
NOON = 1_790_000_000.0 // 3600 * 3600 + 100
HOUR = 3600.0


def shown(request_id, user="anna", items=("a", "b"), **more):
    told = {"model_version": 7, "level": "full", "policy": ["available"], **more}
    return Exposure(request_id, user, items, [1.0 - place / 4 for place in range(len(items))], **told)


@pytest.fixture
def kept(tmp_path):
    files = ExposureFiles(tmp_path / "shown", KEY)
    yield files
    files.close()


def test_every_item_is_a_row_at_its_position_and_the_user_a_pseudonym(kept, tmp_path):
    kept.append([shown("r1"), shown("r2", None, ["c"], model_version=None, policy=[])], NOON)
    table = exposures.read(tmp_path / "shown")
    assert table.schema == EXPOSURES
    [anna] = pseudonyms(["anna"], KEY)
    rows = table.drop_columns(["timestamp", "propensity"]).to_pylist()
    one = {"request_id": "r1", "user": anna, "model_version": "7", "level": "full", "policy": "available"}
    assert rows == [
        {**one, "item_id": "a", "position": 1, "score": 1.0, "variant": None},
        {**one, "item_id": "b", "position": 2, "score": 0.75, "variant": None},
        {
            "request_id": "r2",
            "user": "",
            "model_version": None,
            "level": "full",
            "policy": "",
            "item_id": "c",
            "position": 1,
            "score": 1.0,
            "variant": None,
        },
    ]
    assert {time.timestamp() for time in table["timestamp"].to_pylist()} == {NOON}
    assert "anna" not in exposures.files(tmp_path / "shown")[0].read_text()


def test_what_is_asked_for_between_two_instants_is_all_and_nothing_else(kept, tmp_path):
    for hour in range(4):
        kept.append([shown(f"r{hour}", items=["a"])], NOON + hour * HOUR)
    folder = tmp_path / "shown"
    assert len(exposures.files(folder)) == 4

    def requests(**between):
        return exposures.read(folder, **between)["request_id"].to_pylist()

    assert requests() == ["r0", "r1", "r2", "r3"]
    assert requests(since=NOON + HOUR, until=NOON + 3 * HOUR) == ["r1", "r2"]
    assert requests(since=NOON + HOUR + 1) == ["r2", "r3"]


def test_what_is_too_old_goes_by_whole_hours(kept, tmp_path):
    for hour in range(4):
        kept.append([shown(f"r{hour}", items=["a"])], NOON + hour * HOUR)
    assert exposures.prune(tmp_path / "shown", days=1 / 24, now=NOON + 3 * HOUR) == 2
    assert exposures.read(tmp_path / "shown")["request_id"].to_pylist() == ["r2", "r3"]


def test_a_line_that_a_crash_cut_short_is_left_out(kept, tmp_path):
    kept.append([shown("whole", items=["a"])], NOON)
    [path] = exposures.files(tmp_path / "shown")
    with path.open("ab") as file:
        file.write(b'{"at": 1790000000.0, "request_id": "ha')
    assert exposures.read(tmp_path / "shown")["request_id"].to_pylist() == ["whole"]


def test_a_disk_that_is_full_leaves_whole_lines_and_what_follows_is_kept(kept, tmp_path, monkeypatch):
    kept.append([shown("before", items=["a"])], NOON)
    real, said = os.write, []

    def full(file, data):
        if said:
            raise OSError(28, "No space left on device")
        said.append(True)
        return real(file, data[:10])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            kept.append([shown("lost", items=["a"])], NOON)
    kept.append([shown("after", items=["a"])], NOON)
    assert exposures.read(tmp_path / "shown")["request_id"].to_pylist() == ["before", "after"]


WRITER = """
import sys
from pathlib import Path
from swayrec.operations.exposures import Exposure, ExposureFiles
files = ExposureFiles(Path(sys.argv[1]), b"k" * 32)
number = 0
while True:
    files.append([Exposure(str(number), "anna", ["a"], [1.0], 7, "full", [])], 1_790_000_000.0)
    print(number, flush=True)
    number += 1
"""


def test_what_a_killed_process_had_answered_is_kept(tmp_path):
    house = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": house}
    )
    answered = [json.loads(process.stdout.readline()) for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    answered += [int(line) for line in process.stdout if line.endswith("\n")]
    process.wait()
    kept = exposures.read(tmp_path)["request_id"].to_pylist()
    assert kept[: len(answered)] == [str(number) for number in answered]
