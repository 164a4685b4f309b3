"""Sums that are made part by part of the users, against those of the whole log."""

import numpy as np
import pyarrow as pa
import pytest

from swayrec.learning import kernels
from swayrec.learning.by_parts import RowsOfLevel, Whole, item_sums, sums_by_parts
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import every_level
from swayrec.learning.ease import ease_of
from swayrec.learning.item_sums import ItemSums
from swayrec.learning.layout import layout
from swayrec.learning.picking import plain_weights
from swayrec.learning.rows import sums
from swayrec.learning.scoring import Scoring
from swayrec.learning.spark_parts import SparkParts
from swayrec.learning.tables import item_tables
from swayrec.tables import dataset as datasets
from swayrec.tables import schema
from swayrec.tables.spark_engine import session
from tests.learning.planted import CATEGORIES, FORM, NOW
from tests.small_world import generated, scenario


@pytest.fixture(params=["here", pytest.param("spark", marks=pytest.mark.system("java"))])
def over(request):
    """What does a task for every part."""
    return map if request.param == "here" else SparkParts(session())


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A generated log as a dataset: the log as it is read, what parts must know of it, and its parts."""
    log, asked = generated(5), scenario()
    events = pa.table(
        {
            "event_id": [f"{place:09}" for place in range(len(log))],
            "user_id": log.users[log.user],
            "item_id": log.items[log.item],
            "behavior": [log.behaviors[each] for each in log.behavior],
            "order": log.order,
            "timestamp": pa.array((log.time * 1e6).astype(np.int64), schema.TIMESTAMP),
            "value": pa.array(log.value, pa.float64(), from_pandas=True),
            "text": pa.nulls(len(log), pa.string()),
            "source": ["log"] * len(log),
            "session_id": pa.nulls(len(log), pa.string()),
            "request_id": pa.nulls(len(log), pa.string()),
        }
    )
    items = pa.table({field.name: pa.nulls(len(log.items), field.type) for field in schema.ITEMS})
    items = items.set_column(0, "item_id", pa.array(log.items, pa.string()))
    users = pa.table({"user_id": pa.array(log.users, pa.string())})
    folder = tmp_path_factory.mktemp("dataset")
    dataset = datasets.write(folder, events, items, users, {})
    log = dataset.log(asked)
    columns = layout([FORM], asked.behavior_names, asked.targets, leave_own_out=False)
    whole = Whole(tuple(log.items), NOW, len(log.users), asked, columns)
    parts = dataset.parts(list(log.items), rows=len(log) // 4)
    assert len(parts) > 2
    random = np.random.default_rng(1)
    vectors = random.normal(size=(len(log.items), 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    [at_once] = dataset.parts(list(log.items))
    return log, whole, parts, at_once, Catalogue(CATEGORIES[: len(log.items)], vectors)


def test_the_counts_of_items_are_those_of_the_whole(world, over):
    log, whole, parts, *_ = world
    found, expected = item_sums(whole, parts, over), ItemSums.of(log)
    for name in ("had", "together", "followed"):
        np.testing.assert_allclose(
            getattr(found, name).toarray(), getattr(expected, name).toarray(), rtol=1e-9, atol=1e-9
        )
    np.testing.assert_allclose(found.instants, expected.instants, rtol=1e-9)


def test_similarities_of_added_counts_are_those_of_the_log(world):
    log, whole, parts, *_ = world
    found = item_sums(whole, parts)
    for made, expected in (
        (found.ease(200.0, 10), ease_of(ItemSums.of(log).had, 200.0, 10)),
        (found.transition(10), kernels.transition(log, 10)),
        (found.cooccurrence(10), kernels.cooccurrence(log, 10)),
    ):
        np.testing.assert_allclose(np.sort(made.value), np.sort(expected.value), atol=1e-6)


def test_the_normal_equations_of_parts_add_up_to_those_of_the_whole(world, over):
    log, whole, parts, _, catalogue = world
    found = sums_by_parts(whole, log, parts, catalogue, over)
    expected = sums(log, NOW, whole.scenario, whole.layout, catalogue)
    assert (found.choices, found.rows) == (expected.choices, expected.rows)
    for name in ("A", "b", "s", "n"):
        one, other = getattr(found.groups, name), getattr(expected.groups, name)
        # Of histories padded otherwise TensorFlow adds the float32 numbers of a feature in another order.
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6 * np.abs(other).max())
    np.testing.assert_allclose(found.total, expected.total, rtol=1e-6)


@pytest.mark.system("java")
def test_the_normal_equations_of_the_same_parts_are_the_same_on_spark(world):
    log, whole, parts, _, catalogue = world
    here = sums_by_parts(whole, log, parts, catalogue)
    there = sums_by_parts(whole, log, parts, catalogue, SparkParts(session()))
    for name in ("A", "b", "s", "n"):
        one, other = getattr(there.groups, name), getattr(here.groups, name)
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9 * np.abs(other).max())


def test_the_rows_of_parts_are_those_of_the_whole(world, over):
    log, whole, parts, at_once, catalogue = world
    level = next(iter(every_level(log, NOW, whole.scenario)))
    tables = item_tables(level.tables_log, level.now, whole.layout, whole.scenario.influence, catalogue)
    weights = plain_weights(Scoring(tables, whole.layout), level, whole.scenario)
    task = RowsOfLevel(whole, 0, tables, weights)
    found = [np.concatenate(each) for each in zip(*over(task, parts), strict=True)]
    assert len(found[0]) > 1000
    for one, other in zip(found, task(at_once), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)
