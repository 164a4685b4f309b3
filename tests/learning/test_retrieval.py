import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from swayrec.evaluation.asking import case_queries
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Cases, Part
from swayrec.evaluation.selection import significantly_better
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.closed_intent import fit_closed_intent
from swayrec.learning.export import ExportedModel, export
from swayrec.learning.learned import FOLDER, Learned
from swayrec.learning.picking import plain_weights
from swayrec.learning.recommender import Recommender
from swayrec.learning.recommender_rows import choice_rows
from swayrec.learning.retrieval import BOTH, CLOSED, halved, halved_in_graph
from swayrec.learning.signature import pad
from swayrec.learning.tree_training import TreeSettings, fit_trees
from swayrec.learning.user_context import UserContext
from swayrec.operations.training.ranking import ranked
from tests.learning import planted
from tests.learning.planted import a_level, catalogue, made
from tests.learning.test_recommender import closed_form, last_choices
from tests.looks import HIDDEN, NOW, hidden, hidden_scenario
from tests.small_world import scenario

RESULTS = 9


def scores(gone=30, rows=5, items=50):
    """Two scores of a catalogue, some items of which must not be picked."""
    random = np.random.default_rng(4)
    closed, plain = random.normal(size=(2, rows, items)).astype(np.float32)
    for row in range(1, rows):
        off = random.choice(items, gone, replace=False)
        closed[row, off] = plain[row, off] = -np.inf
    return closed, plain


@pytest.mark.parametrize("most", [1, 2, 7, 50])
def test_one_half_is_the_best_by_the_closed_scores_and_the_other_the_best_by_the_plain_of_what_is_left(most):
    closed, plain = scores()
    found = halved(closed, plain, most)
    np.testing.assert_array_equal(found, halved_in_graph(tf.constant(closed), tf.constant(plain), most))
    for row in range(len(closed)):
        first = np.argsort(-closed[row])[: (most + 1) // 2]
        left = [item for item in np.argsort(-plain[row]) if item not in first]
        expected = [*first, *left[: most - len(first)]]
        picked = np.argsort(-found[row])[:most]
        allowed = np.isfinite(closed[row])
        assert {item for item in picked if allowed[item]} == {item for item in expected if allowed[item]}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Trees over halves in memory, and as exported; the questions of a level."""
    log, columns, tables, scoring, served = made(results=RESULTS)
    context = UserContext(served.intent, len(log.behaviors))
    items = catalogue(len(log.items), np.random.default_rng(1))
    plain = plain_weights(scoring, a_level(log), scenario())
    given = log, planted.NOW, scenario(), columns, scoring.weights.numpy(), context, items
    rows = choice_rows(*given, contested=20, plain=plain)
    network = fit_trees(rows, context, TreeSettings(20, 1.0, 30, BOTH)).recommender()
    learned = Learned(columns, scoring.weights.numpy(), served.intent, network)
    folder = tmp_path_factory.mktemp("model")
    version = export(learned.served(tables, served.metadata), folder, learned)
    level = a_level(log)
    part = Part(
        "test",
        level.known,
        Cases(level.users, level.before, level.times, level.ends, level.chosen),
        planted.NOW,
    )
    return SimpleNamespace(
        log=log,
        tables=tables,
        scoring=scoring,
        rows=rows,
        network=network,
        version=version,
        part=part,
        items=items,
    )


def asked_for(results):
    asked = scenario()
    return asked.model_copy(update={"model": asked.model.model_copy(update={"results": results})})


def test_exported_graph_lists_by_halves_what_the_ranking_in_memory_does(world):
    lists = ranked(world.scoring, world.part, asked_for(RESULTS), RESULTS, world.network)
    model = ExportedModel.load(world.version)
    queries = list(case_queries(world.part, model.metadata, ()))
    answered = model.recommend(queries)["item"]
    assert answered.tolist() == world.log.items[lists].tolist()
    by_closed = np.sort(ranked(world.scoring, world.part, scenario(), RESULTS), 1)
    assert (np.sort(lists, 1) != by_closed).any(1).mean() > 0.9, "the closed form would list others"
    again = Learned.load(world.version, world.items).served(world.tables, model.metadata)
    inputs = {name: tf.constant(values) for name, values in pad(queries, model.metadata).items()}
    assert again.recommend(**inputs)["item"].numpy().astype(str).tolist() == answered.tolist()


def test_what_is_excluded_is_in_neither_half_and_nothing_is_listed_twice(world):
    model = ExportedModel.load(world.version)
    query = next(iter(case_queries(world.part, model.metadata, ())))
    first = model.recommend([query])["item"][0]
    without = model.recommend([replace(query, exclude=list(first[:4]))])["item"][0]
    assert not set(first[:4]) & set(without) and len(set(without)) == RESULTS
    few = replace(query, category=["bread"])
    within = [item for item in model.recommend([few])["item"][0] if item]
    assert len(within) == len(set(within)) == RESULTS


def test_plain_weights_go_under_new_tables(world):
    learned = Learned.load(world.version, world.items)
    metadata = ExportedModel.load(world.version).metadata
    former = learned.served(world.tables, metadata)
    moved = learned.served(replace(world.tables, counts=world.tables.counts[::-1].copy()), metadata)
    np.testing.assert_array_equal(moved.also.weights, former.also.weights)
    np.testing.assert_allclose(
        moved.also.static_base, moved.scoring.weighed(world.network.plain).static_base, rtol=1e-6
    )
    assert np.abs(moved.also.static_base.numpy() - former.also.static_base.numpy()).max() > 1e-3


def test_older_export_without_plain_weights_is_asked_by_the_closed_form(world, tmp_path):
    older = tmp_path / world.version.name
    shutil.copytree(world.version, older)
    path = older / FOLDER / "weights.npz"
    with np.load(path) as stored:
        assert set(stored.files) == {"w", "plain"}
        weights = stored["w"]
    np.savez(path, w=weights)
    learned = Learned.load(older, world.items)
    assert learned.network.plain is None
    assert learned.served(world.tables, ExportedModel.load(older).metadata).also is None


def test_second_weights_cost_a_number_a_column_and_one_an_item(world):
    learned = Learned.load(world.version, world.items)
    alone = replace(learned, network=Recommender(learned.network.addition, learned.network.context))
    metadata = ExportedModel.load(world.version).metadata
    numbers = [
        sum(int(np.prod(each.shape)) for each in one.served(world.tables, metadata).variables)
        for one in (learned, alone)
    ]
    assert numbers[0] - numbers[1] == len(learned.weights) + len(world.log.items)


def test_fewer_candidates_of_a_choice_are_picked_by_halves_again(world):
    rows = world.rows
    fewer = rows.best(8)
    plain = rows.features @ rows.plain.astype(np.float32)
    kept = 0
    for row, candidates in enumerate(rows.candidates):
        real = np.flatnonzero(candidates >= 0)
        first = real[np.argsort(-rows.closed[row][real])[:4]]
        left = [place for place in real[np.argsort(-plain[row][real])] if place not in first][:4]
        places = [*first, *left]
        if not rows.y[row][places].any():
            continue
        found = fewer.candidates[kept]
        assert set(found[found >= 0]) == set(candidates[places])
        kept += 1
    assert kept == len(fewer) > 10
    assert fewer.plain is rows.plain


def test_plain_weights_find_what_the_closed_form_misses():
    log, fresh, asked = hidden(150, 1), last_choices(hidden(150, 2)), hidden_scenario()
    _, columns, scoring = closed_form(log, asked)
    context = UserContext(fit_closed_intent(log, asked.targets), 3)
    found, nobody = {}, Catalogue([None] * HIDDEN)
    for retrieval in (CLOSED, BOTH):
        plain = plain_weights(scoring, a_level(log), asked) if retrieval == BOTH else None
        rows = choice_rows(
            log, NOW, asked, columns, scoring.weights.numpy(), context, nobody, contested=200, plain=plain
        )
        network = fit_trees(rows, context, TreeSettings(200, 0.1, 50, retrieval)).recommender()
        found[retrieval] = NDCG(10)(ranked(scoring, fresh, asked, network=network), fresh.cases)
    assert significantly_better(found[BOTH], found[CLOSED], fresh.cases.users)
    assert found[BOTH].mean() > found[CLOSED].mean() + 0.05
    assert 2 * asked.model.results < HIDDEN
