"""New tables from another dataset: what is new can be found by its category and by its text."""

from datetime import UTC, datetime

import numpy as np
import pytest

from swayrec.learning.export import ExportedModel
from swayrec.learning.signature import Query
from swayrec.learning.vectors import Vectors
from swayrec.operations.current import Current
from swayrec.operations.retabling import retabled
from swayrec.operations.training.stages import served_log
from swayrec.tables import posted
from swayrec.tables import scenario as scenarios
from swayrec.tables.ingest import ingest
from swayrec.tables.scenario_learning import Text
from tests.serving.refresh_world import START, VERSION, trained


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The model before and after, and the dataset after: one item was posted, and bought by nobody."""
    root = tmp_path_factory.mktemp("again")
    current = Current.read(trained(root))
    asked = scenarios.load(current.scenario)
    event = {"event_id": "e", "user_id": "new", "item_id": "i9", "behavior": "buy", "source": "intake"}
    item = {"item_id": "oat", "title": "Oat drink", "text": "oat drink", "language": "en", "category": "tea"}
    log = posted.write(root / "posted", [[{**event, "timestamp": START.replace(day=2)}]], [item], 7)
    made = ingest(
        asked,
        "tiny.toml",
        root / "newer",
        until=None,
        now=datetime.now(UTC),
        posted=log.folder,
        made_of="after",
    )
    names = ["oat", *(f"i{number}" for number in range(10))]
    vectors = np.eye(10, dtype=np.float32)[[4, *range(10)]]
    Vectors(np.array(names), vectors).save(root / "vectors")
    said = []
    folder = retabled(
        asked.model_copy(update={"text": Text()}), made, root / "vectors", current.model, said.append
    )
    return ExportedModel.load(current.model / str(VERSION)), ExportedModel.load(folder), made, said


def test_a_posted_item_without_an_event_is_in_the_catalogue(again):
    before, after, made, _ = again
    assert "oat" in served_log(scenarios.load(scenario_of(made)), made).items
    assert before.recommend([Query(category=["tea"])])["item"][0][0] == ""
    assert after.recommend([Query(category=["tea"])])["item"][0].tolist()[:2] == ["oat", ""]


def scenario_of(made):
    return made.folder.parent / "raw" / "tiny.toml"


def test_a_new_item_is_found_by_its_text(again):
    _, after, _, _ = again
    assert after.metadata.similar == "text"
    found = after.similar(["oat"], [()], [()])
    assert (found["known"][0], found["item"][0][0], found["score"][0][0]) == (1, "i4", pytest.approx(1.0))
    assert after.similar(["i4"], [()], [()])["item"][0][0] == "oat"


def test_counts_and_the_end_are_those_of_the_new_data(again):
    before, after, _, said = again
    assert after.metadata.until == pytest.approx(START.replace(day=2).timestamp())
    assert (after.metadata.posted, after.metadata.data) == (7, "after")
    assert after.metadata.version > before.metadata.version
    scores = [
        dict(zip(model.recommend([Query()])["item"][0], model.recommend([Query()])["score"][0], strict=True))
        for model in (before, after)
    ]
    assert scores[1]["i9"] > scores[0]["i9"]
    assert scores[1]["i2"] == pytest.approx(scores[0]["i2"])
    assert said[0].startswith("tables of ")
