import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .alike import differences


@pytest.fixture
def folders(tmp_path):
    for name, second in (("ours", "1700000000"), ("theirs", "1700000009")):
        folder = tmp_path / name / second
        (folder / "tensorboard").mkdir(parents=True)
        (folder / "tensorboard" / f"events.{second}").write_text(second)
        (folder / "a.json").write_text(json.dumps({"now": second, "rows": [{"weight": 0.5, "kept": "lean"}]}))
        np.savez(folder / "b.npz", weights=np.array([0.1, np.nan]), names=np.array(["x", "y"]))
        pq.write_table(pa.table({"user": ["u", None], "score": [1.5, 2.5]}), folder / "c.parquet")
    return tmp_path / "ours", tmp_path / "theirs"


def theirs(folders):
    return folders[1] / "1700000009"


def test_folders_that_differ_in_times_alone_are_alike(folders):
    assert differences(*folders, 0) == []


def test_numbers_within_the_tolerance_are_alike_and_others_are_named(folders):
    np.savez(theirs(folders) / "b.npz", weights=np.array([0.1001, np.nan]), names=np.array(["x", "y"]))
    (theirs(folders) / "a.json").write_text(
        json.dumps({"now": "", "rows": [{"weight": 0.5001, "kept": "lean"}]})
    )
    assert differences(*folders, 1e-3) == []
    assert [told.partition(" ")[0] for told in differences(*folders, 1e-6)] == ["N/a.json:", "N/b.npz:"]


def test_another_word_another_row_and_a_missing_file_are_differences(folders):
    (theirs(folders) / "a.json").write_text(
        json.dumps({"now": "", "rows": [{"weight": 0.5, "kept": "wide"}]})
    )
    np.savez(theirs(folders) / "b.npz", weights=np.array([0.1, np.nan]), names=np.array(["x", "z"]))
    pq.write_table(pa.table({"user": ["u", "v"], "score": [1.5, 2.5]}), theirs(folders) / "c.parquet")
    assert differences(*folders, 1) == [
        "N/a.json: /rows[0]/kept is 'lean' and 'wide'",
        "N/b.npz: /names differs in 1 of 2 values",
        "N/c.parquet: /user[1] is 'None' and 'v'",
    ]
    (theirs(folders) / "c.parquet").unlink()
    assert differences(*folders, 1) == ["the files ['N/c.parquet'] are in one folder only"]
