import numpy as np
import pytest
import tensorflow as tf

from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.selection import significantly_better
from swayrec.learning.asked_trees import AskedTrees
from swayrec.learning.closed_intent import fit_closed_intent
from swayrec.learning.export import ExportedModel, export
from swayrec.learning.learned import Learned
from swayrec.learning.recommender_rows import choice_rows
from swayrec.learning.rows import batches
from swayrec.learning.served import Served
from swayrec.learning.signature import Query
from swayrec.learning.tree_training import TreeSettings, fit_trees
from swayrec.learning.trees import Forest, Trees
from swayrec.learning.user_context import UserContext
from swayrec.operations.training.ranking import ranked
from tests.learning import planted
from tests.learning.planted import catalogue, made
from tests.learning.test_recommender import NOBODY, closed_form, last_choices, queries_of
from tests.looks import NOW, looks
from tests.small_world import scenario

SETTINGS = TreeSettings(candidates=50, share=1.0, count=30)


@pytest.fixture(scope="module")
def boosted():
    """Trees on what a linear model cannot say, as their library has them; the rows and who taught them."""
    log = looks("one of both", 200, 11)
    asked, columns, scoring = closed_form(log)
    context = UserContext(fit_closed_intent(log, asked.targets), 3)
    rows = choice_rows(log, NOW, asked, columns, scoring.weights.numpy(), context, NOBODY, contested=200)
    return log, asked, scoring, rows, fit_trees(rows, context, SETTINGS)


def test_graph_says_of_every_row_what_the_library_says_but_for_a_constant_of_each_choice(boosted):
    *_, rows, trees = boosted
    graph = trees.recommender().addition
    assert isinstance(graph, Trees)
    few = TreeSettings(50, 1.0, 25)
    library = AskedTrees({few: trees.fewer()[few]})
    fewer = fit_trees(rows, trees.context, few).recommender().addition
    asked = [each[:40] for each in (rows.features, rows.closed, rows.context, rows.candidates)]
    [told] = library.told(*asked[:3])
    asked = [tf.constant(each) for each in asked]
    difference = fewer(*asked).numpy() - told
    assert np.abs(graph(*asked).numpy() - fewer(*asked).numpy()).max() > 1e-4
    np.testing.assert_allclose(difference, np.broadcast_to(difference[:, :1], difference.shape), atol=1e-5)


def test_row_exactly_at_a_threshold_goes_right():
    tree = (
        '{"nodeid": 0, "split": "f0", "split_condition": 0.5, "yes": 1, "no": 2, "missing": 2, "children": ['
        '{"nodeid": 1, "leaf": -1.0}, {"nodeid": 2, "leaf": 3.0}]}'
    )
    trees = Trees(Forest.of([tree, '{"nodeid": 0, "leaf": 0.25}'], sharpness=2.0))
    below = np.nextafter(np.float32(0.5), np.float32(0))
    features = tf.constant([[[below], [0.5], [0.0]]], tf.float32)
    told = trees(features, tf.zeros([1, 3]), tf.zeros([1, 1]), tf.constant([[0, 1, 2]]))
    # Less what the trees say where all is 0: -1.
    np.testing.assert_allclose(told, [[0, 2, 0]])


def test_trees_learn_what_the_closed_form_cannot_say(boosted):
    _, asked, scoring, _, trees = boosted
    fresh = last_choices(looks("one of both", 200, 12))
    metric = NDCG(10)
    closed = metric(ranked(scoring, fresh, asked), fresh.cases)
    added = metric(ranked(scoring, fresh, asked, network=trees.recommender()), fresh.cases)
    assert significantly_better(added, closed, fresh.cases.users)


def test_loaded_model_adds_what_the_trees_in_memory_do(tmp_path):
    log, columns, tables, scoring, plain = made()
    context = UserContext(plain.intent, len(log.behaviors))
    items = catalogue(len(log.items), np.random.default_rng(1))
    rows = choice_rows(
        log, planted.NOW, scenario(), columns, scoring.weights.numpy(), context, items, contested=50
    )
    network = fit_trees(rows, context, SETTINGS).recommender()
    learned = Learned(columns, scoring.weights.numpy(), plain.intent, network)
    export(Served(tables, scoring, plain.metadata, plain.intent, network), tmp_path, learned)
    folder = next(path for path in tmp_path.iterdir() if path.name.isdigit())
    model = ExportedModel.load(tmp_path)
    again = Learned.load(folder, items).network
    level, queries = queries_of(log, model)
    place_of = {int(user): place for place, user in enumerate(level.users)}
    compared = 0
    for batch in batches(level, scoring, scenario()):
        closed = tf.linalg.matvec(batch.features, scoring.weights)
        added = network.adds(batch.past, batch.features, closed, batch.candidates).numpy()
        np.testing.assert_array_equal(
            again.adds(batch.past, batch.features, closed, batch.candidates).numpy(), added
        )
        for row, user in enumerate(batch.user[:20]):
            candidates = batch.candidates[row][batch.candidates[row] >= 0][:20]
            asked = queries[place_of[int(user)]]
            query = Query(**{**asked.__dict__, "candidate": list(log.items[candidates])})
            answer = model.rank([query])
            found = dict(zip(answer["item"][0], answer["score"][0], strict=True))
            for column, item in enumerate(candidates):
                expected = float(closed[row, column]) + added[row, column]
                assert found[log.items[item]] == pytest.approx(expected, abs=1e-5)
                compared += 1
    assert compared >= 100 and np.abs(added).max() > 1e-4
