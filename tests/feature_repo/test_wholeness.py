import shutil

import numpy as np
import pytest

from feature_repo.publication import Publication, newest
from feature_repo.publish import publish
from feature_repo.reader import FeatureReader
from swayrec.tables.errors import InputError

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def copied(published, world, tmp_path):
    """A store of its own, as the published one."""
    folder = tmp_path / "features" / world.scenario().name
    shutil.copytree(published.receipt.folder, folder, copy_function=shutil.copy2)
    assert Publication.of(folder, published.dataset) is not None
    return folder


def harmed(folder, name, how):
    path = folder / name
    assert path.exists()
    for log in folder.glob(f"{name}-*"):
        log.unlink()  # SQLite's newest pages, which would stand in for the file's
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if how == "empty" else b"junk\xff{")


@pytest.mark.parametrize("how", ["gone", "empty", "junk"])
@pytest.mark.parametrize(
    "name", ["online.db", "registry.db", "publication.json", "offline/user_history.parquet"]
)
def test_a_publication_that_was_harmed_counts_no_longer(copied, published, name, how):
    harmed(copied, name, how)
    assert Publication.of(copied, published.dataset) is None


@pytest.mark.parametrize(
    "names", [("registry.db", "publication.json"), ("online.db",), ("offline/user_history.parquet",)]
)
def test_the_next_publication_makes_anew_what_was_harmed(copied, published, world, names):
    for name in names:
        harmed(copied, name, "junk")
    publish(published.dataset, world.scenario(), copied.parent)
    assert Publication.of(copied, published.dataset) is not None
    found, expected = (FeatureReader(place).history("u3") for place in (copied.parent, published.features))
    for field, values in expected.items():
        np.testing.assert_array_equal(found[field], values)


def test_rows_of_nobody_do_not_outlive_the_list_of_what_was_published(copied, published, world, tmp_path):
    harmed(copied, "offline/user_history.parquet", "gone")
    fewer = [row for row in world.rows() if row[0] != "u3"]
    publish(world.dataset(tmp_path / "fewer", fewer), world.scenario(), copied.parent)
    assert FeatureReader(copied.parent).history("u3") is None


@pytest.mark.parametrize("text", ["", "junk: [", "online_store: 3"])
def test_a_broken_configuration_is_named_and_left_alone(copied, published, world, text):
    (copied / "feature_store.yaml").write_text(text)
    assert Publication.of(copied, published.dataset) is None
    with pytest.raises(InputError, match=r"feature_store\.yaml: it is damaged .*mend it") as said:
        publish(published.dataset, world.scenario(), copied.parent)
    assert "\n" not in str(said.value)
    assert (copied / "feature_store.yaml").read_text() == text


def test_a_damaged_receipt_is_one_sentence_for_who_reads_it(copied):
    harmed(copied, "publication.json", "junk")
    with pytest.raises(InputError, match=r"publication\.json: it is damaged .*swayrec train"):
        newest(copied.parent)
