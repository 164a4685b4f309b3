import json

import pytest

from components.ingest.component import ingest
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError


def test_raw_files_become_a_dataset_with_its_fingerprint(groceries, tmp_path, artifact, capsys):
    out = artifact(tmp_path / "dataset")
    ingest.python_func(str(groceries), "2017-07-01T00:00:00+00:00", "", "", "", "", "", out)
    made = Dataset(tmp_path / "dataset")
    assert made.report()["to"] < "2017-07-01"
    assert made.events().num_rows > 10_000
    assert out.metadata == {"fingerprint": made.fingerprint()}
    assert f"[swayrec] ingest: {made.events().num_rows:,} events" in capsys.readouterr().out
    json.dumps(out.metadata)


def test_missing_raw_file_is_a_sentence_and_leaves_nothing(groceries, tmp_path, artifact, capsys):
    scenario = tmp_path / "broken.toml"
    scenario.write_text(groceries.read_text().replace("/transactions.parquet", "/nothere.parquet"))
    with pytest.raises(InputError, match=r"there is no file .*nothere\.parquet"):
        ingest.python_func(str(scenario), "", "", "", "", "", "", artifact(tmp_path / "dataset"))
    assert "[swayrec] ingest: error: " in capsys.readouterr().out
    assert not (tmp_path / "dataset").exists()
