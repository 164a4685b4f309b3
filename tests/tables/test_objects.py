import time

import pytest

from swayrec.tables import objects, paths
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def held(folder):
    """What stands in a folder, without the notes of tags."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_a_folder_that_was_put_there_is_fetched_as_it_was(bucket, tmp_path):
    objects.put(write(tmp_path / "a", one="1", deep__two="2"), f"{bucket}/some/place")
    assert held(objects.fetched(f"{bucket}/some/place")) == {"one": "1", "deep/two": "2"}


def test_one_object_is_a_file(bucket, tmp_path):
    objects.put(write(tmp_path / "a", one="1", one_more="2"), f"{bucket}/x")
    assert objects.fetched(f"{bucket}/x/one").read_text() == "1"


def test_a_neighbor_that_begins_alike_is_not_fetched(bucket, tmp_path):
    objects.put(write(tmp_path / "a", f="1"), f"{bucket}/model")
    objects.put(write(tmp_path / "b", f="2"), f"{bucket}/model-2")
    assert held(objects.fetched(f"{bucket}/model")) == {"f": "1"}


def test_what_changed_there_is_brought_anew_and_what_went_there_goes_here(bucket, tmp_path):
    import boto3

    place = f"{bucket}/x"
    objects.put(write(tmp_path / "a", one="old", two="2"), place)
    first = objects.fetched(place)
    same = (first / "two").stat().st_ino
    objects.put(write(tmp_path / "b", one="new"), place)
    assert held(objects.fetched(place)) == {"one": "new", "two": "2"}
    assert (first / "two").stat().st_ino == same, "what is here already is not brought again"
    # With versioning a removed object leaves a marker: it is gone all the same.
    boto3.client("s3").delete_object(Bucket=bucket.removeprefix("s3://"), Key="x/two")
    assert held(objects.fetched(place)) == {"one": "new"}


def test_a_file_of_another_content_is_brought_again_even_where_its_size_is_the_same(bucket, tmp_path):
    place = f"{bucket}/x"
    objects.put(write(tmp_path / "a", one="old"), place)
    objects.fetched(place)
    objects.put(write(tmp_path / "a", one="new"), place)
    assert held(objects.fetched(place)) == {"one": "new"}


def test_a_file_has_the_objects_time_of_change(bucket, tmp_path):
    objects.put(write(tmp_path / "a", one="1"), f"{bucket}/x")
    before = objects.fetched(f"{bucket}/x/one").stat().st_mtime_ns
    time.sleep(1.1)
    again = objects.fetched(f"{bucket}/x/one", tmp_path / "elsewhere")
    assert again.stat().st_mtime_ns == before


def test_a_folder_of_exports_is_matched_there_and_what_is_there_already_is_not_sent_again(bucket, tmp_path):
    place = f"{bucket}/registry/run/model"
    objects.put(write(tmp_path / "a", **{"1__saved_model.pb": "1", "1__v": "one"}), place)
    here = objects.fetched(place, tmp_path / "below")
    assert objects.origin(here, tmp_path / "below") == place
    assert objects.origin(tmp_path, tmp_path / "below") is None
    write(here, **{"2__saved_model.pb": "2", "2__v": "two"})
    (here / "1" / "saved_model.pb").unlink()
    (here / "1" / "v").unlink()
    objects.match(here, place)
    assert held(objects.fetched(place, tmp_path / "elsewhere")) == {"2/saved_model.pb": "2", "2/v": "two"}
    objects.match(write(tmp_path / "b", **{"2__saved_model.pb": "other", "2__v": "other"}), place)
    assert held(objects.fetched(place, tmp_path / "third")) == {"2/saved_model.pb": "2", "2/v": "two"}


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("/nowhere", "no such object"),
        ("", "names no object"),
        ("/a/../b", "names no object"),
    ],
)
def test_what_is_not_there_is_one_sentence(bucket, place, told):
    with pytest.raises(InputError, match=told) as raised:
        objects.fetched(f"{bucket}{place}")
    assert str(raised.value).startswith(bucket)


def test_a_bucket_that_nobody_made_is_one_sentence(bucket):
    with pytest.raises(InputError, match=r"NoSuchBucket.*AWS_ENDPOINT_URL"):
        objects.fetched("s3://nobody-made-this/x")


def test_an_endpoint_that_does_not_answer_is_one_sentence_within_seconds(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    begun = time.monotonic()
    with pytest.raises(InputError, match="Could not connect"):
        objects.fetched(f"{bucket}/x")
    assert time.monotonic() - begun < 20


def test_a_scenario_and_its_raw_files_can_lie_in_object_storage(bucket, tmp_path, monkeypatch, shop):
    text = shop.read_text().replace(str(shop.parent), "${SWAYREC_DATA}")
    write(tmp_path / "up", **{"shop.toml": text, "clicks.csv": (shop.parent / "clicks.csv").read_text()})
    objects.put(tmp_path / "up", f"{bucket}/raw")
    monkeypatch.setenv("SWAYREC_DATA", f"{bucket}/raw")
    scenario = scenarios.load(f"{bucket}/raw/shop.toml")
    place = paths.resolve(scenario.events[0].path, "shop.toml")
    assert place.read_text() == (shop.parent / "clicks.csv").read_text()
    with pytest.raises(InputError, match=r"shop.toml: s3://.*no such object"):
        paths.resolve("${SWAYREC_DATA}/gone.csv", "shop.toml")
