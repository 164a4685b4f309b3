"""A publication's offline files in object storage, beside those of the workspace."""

from pathlib import Path

import pytest

from feature_repo import offline_storage
from feature_repo.offline_storage import sources
from feature_repo.publication import Publication
from feature_repo.publish import publish
from feature_repo.reader import FeatureReader
from feature_repo.wholeness import OFFLINE
from swayrec.tables import objects
from swayrec.tables.errors import InputError


@pytest.fixture
def dataset(world, tmp_path):
    return world.dataset(tmp_path / "data", world.rows())


def test_offline_files_are_put_where_the_environment_says_and_the_receipt_knows_it(
    dataset, world, tmp_path, bucket, monkeypatch
):
    monkeypatch.setenv(offline_storage.VARIABLE, f"{bucket}/features/")
    said = []
    done = publish(dataset, world.scenario(), tmp_path / "features", say=said.append)
    assert done.storage == f"{bucket}/features/small"
    assert said[-1] == f"offline files are in {bucket}/features/small"
    here = tmp_path / "features" / "small" / OFFLINE
    there = objects.fetched(done.storage)
    names = sorted(path.name for path in here.glob("*.parquet"))
    assert names and sorted(path.name for path in there.glob("*.parquet")) == names
    for name in names:
        assert (there / name).read_bytes() == (here / name).read_bytes()
    user = dataset.events()["user_id"][0].as_py()
    assert FeatureReader(tmp_path / "features").history(user)["item"]
    assert Publication.of(tmp_path / "features" / "small", dataset) == done


def test_what_was_published_elsewhere_is_published_anew(dataset, world, tmp_path, bucket, monkeypatch):
    monkeypatch.delenv(offline_storage.VARIABLE, raising=False)
    folder = tmp_path / "features" / "small"
    done = publish(dataset, world.scenario(), tmp_path / "features")
    assert Publication.of(folder, dataset) == done
    monkeypatch.setenv(offline_storage.VARIABLE, f"{bucket}/features")
    assert Publication.of(folder, dataset) is None


def test_storage_that_does_not_answer_is_told_before_anything_is_written(
    dataset, world, tmp_path, monkeypatch
):
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        offline_storage.VARIABLE: "s3://swayrec/features",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(
        InputError, match="s3://swayrec/features/small: object storage does not give or take it"
    ):
        publish(dataset, world.scenario(), tmp_path / "features")
    assert not (tmp_path / "features").exists()


def test_a_place_that_is_none_of_object_storage_is_one_sentence(monkeypatch):
    monkeypatch.setenv(offline_storage.VARIABLE, "/mnt/features")
    with pytest.raises(InputError, match="SWAYREC_FEATURES: /mnt/features is no place of object storage"):
        offline_storage.storage("small")


def test_spark_s_views_name_object_storage_and_files_those_of_the_workspace(monkeypatch):
    here = Path("features/small/offline")
    monkeypatch.delenv(offline_storage.VARIABLE, raising=False)
    assert sources(here, "small", "spark") == here
    monkeypatch.setenv(offline_storage.VARIABLE, "s3://swayrec/features")
    assert sources(here, "small", "spark") == "s3a://swayrec/features/small"
    assert sources(here, "small", "duckdb") == here
