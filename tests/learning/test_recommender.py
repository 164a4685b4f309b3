import numpy as np
import pytest
import tensorflow as tf

from swayrec.evaluation.asking import case_queries
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Cases, Part
from swayrec.evaluation.selection import significantly_better
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import levels
from swayrec.learning.closed_intent import fit_closed_intent
from swayrec.learning.export import ExportedModel, export
from swayrec.learning.influence import fit
from swayrec.learning.intent import IntentModel, IntentShape
from swayrec.learning.item_vectors import Components
from swayrec.learning.layout import layout
from swayrec.learning.learned import Learned
from swayrec.learning.recommender import Addition, Recommender, RecommenderShape
from swayrec.learning.recommender_rows import choice_rows
from swayrec.learning.recommender_training import fit_recommender
from swayrec.learning.rows import batches, sums
from swayrec.learning.scoring import Scoring
from swayrec.learning.served import Served
from swayrec.learning.signature import Query, pad
from swayrec.learning.tables import item_tables
from swayrec.learning.user_context import UserContext
from swayrec.operations.training.ranking import ranked
from swayrec.tables.scenario_learning import Text
from tests.learning.planted import a_level, made
from tests.looks import ITEMS, NOW, looks, looks_scenario
from tests.small_world import scenario

NOBODY = Catalogue([None] * ITEMS)


def last_choices(log):
    """The newest choice of every user, as cases."""
    level = next(iter(levels(log, NOW, looks_scenario())))
    return Part(
        "fresh", level.known, Cases(level.users, level.before, level.times, level.ends, level.chosen), NOW
    )


def closed_form(log, asked=None):
    asked = asked or looks_scenario()
    nothing = Catalogue([None] * len(log.items))
    form = asked.influence.forms[-1]
    columns = layout([form], asked.behavior_names, asked.targets, leave_own_out=False)
    collected = sums(log, NOW, asked, columns, nothing)
    hand = [behavior.hand for behavior in asked.behaviors]
    solution = fit(collected.groups, columns.selected(form), columns.sharing(hand), 1e-4, 0.2)
    tables = item_tables(log, NOW, columns, asked.influence, nothing)
    return asked, columns, Scoring(tables, columns, solution.w)


def taught(log, epochs=14, **options):
    """The closed form of a log and the network on top of it."""
    asked, columns, scoring = closed_form(log)
    context = UserContext(fit_closed_intent(log, asked.targets), 3)
    rows = choice_rows(log, NOW, asked, columns, scoring.weights.numpy(), context, NOBODY)
    return asked, scoring, fit_recommender(rows, context, width=16, epochs=epochs, **options)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A network with random weights, in memory and as loaded from a SavedModel, with the questions of a level."""
    log, columns, tables, scoring, plain = made()
    tf.keras.utils.set_random_seed(2)
    random = np.random.default_rng(3)
    vectors = random.normal(size=(len(log.items), 8)).astype(np.float32)
    shape = IntentShape("gru", len(log.behaviors), 1, 12)
    intent = IntentModel(shape, vectors, Components.fitted(vectors), np.ones(2))
    context = UserContext(intent, len(log.behaviors))
    addition = Addition(RecommenderShape(columns.size, context.width, 16), vectors)
    for weight in addition.trainable_weights:
        weight.assign(weight + tf.random.normal(weight.shape, stddev=0.2))
    network = Recommender(addition, context)
    folder = tmp_path_factory.mktemp("model")
    learned = Learned(columns, scoring.weights.numpy(), intent, network, Text(longest=32))
    export(Served(tables, scoring, plain.metadata, intent, network), folder, learned)
    again = tables, vectors, next(folder.iterdir())
    return log, scoring, network, ExportedModel.load(folder), again


def queries_of(log, model):
    level = a_level(log)
    cases = Cases(level.users, level.before, level.times, level.ends, level.chosen)
    return level, list(case_queries(Part("test", level.known, cases, NOW), model.metadata, ()))


def test_untaught_network_adds_nothing_at_all():
    log, columns, _, scoring, plain = made()
    context = UserContext(plain.intent, 2)
    network = Recommender(Addition(RecommenderShape(columns.size, context.width, 16), None), context)
    for batch in batches(a_level(log), scoring, scenario()):
        closed = tf.linalg.matvec(batch.features, scoring.weights)
        assert not network.adds(batch.past, batch.features, closed, batch.candidates).numpy().any()


def test_what_is_added_depends_neither_on_other_candidates_nor_on_padding(served):
    log, scoring, network, *_ = served
    batch = next(iter(batches(a_level(log), scoring, scenario())))
    closed = tf.linalg.matvec(batch.features, scoring.weights)
    together = network.adds(batch.past, batch.features, closed, batch.candidates).numpy()
    padding = {"item": -1, "behavior": -1, "days": np.nan, "steps": 0.0, "count": 0.0, "value": np.nan}
    longer = batch.past._replace(
        **{
            name: tf.pad(getattr(batch.past, name), [[0, 0], [0, 70]], constant_values=empty)
            for name, empty in padding.items()
        }
    )
    one = slice(4, 5)
    alone = network.adds(longer, batch.features[:, one], closed[:, one], batch.candidates[:, one]).numpy()
    assert np.abs(together).max() > 0.01
    assert alone == pytest.approx(together[:, one], abs=1e-5)


def test_nothing_is_added_to_an_item_of_which_nothing_is_known(served):
    log, scoring, network, *_ = served
    batch = next(iter(batches(a_level(log), scoring, scenario())))
    nothing = tf.zeros_like(batch.features[:, :1])
    unknown = tf.fill([len(batch.user), 1], -1)
    assert not network.adds(batch.past, nothing, nothing[:, :, 0], unknown).numpy().any()


def test_loaded_model_adds_what_the_network_in_memory_does(served):
    log, scoring, network, model, _ = served
    level, asked = queries_of(log, model)
    place_of = {int(user): place for place, user in enumerate(level.users)}
    compared = 0
    for batch in batches(level, scoring, scenario()):
        closed = tf.linalg.matvec(batch.features, scoring.weights)
        score = (closed + network.adds(batch.past, batch.features, closed, batch.candidates)).numpy()
        for row, user in enumerate(batch.user):
            candidates = batch.candidates[row][batch.candidates[row] >= 0][:20]
            query = Query(**{**asked[place_of[int(user)]].__dict__, "candidate": list(log.items[candidates])})
            answer = model.rank([query])
            found = dict(zip(answer["item"][0], answer["score"][0], strict=True))
            for column, item in enumerate(candidates):
                assert found[log.items[item]] == pytest.approx(score[row, column], abs=1e-5)
                compared += 1
    assert compared >= 500


def test_lists_follow_the_network_and_shares_with_the_named_rest_sum_to_the_score(served):
    log, _, _, model, _ = served
    asked = queries_of(log, model)[1][:8]
    answer = model.recommend(asked)
    assert (np.diff(answer["score"], axis=1) <= 1e-6).all()
    told = model.explain(
        [Query(**{**query.__dict__, "target": answer["item"][row, 3]}) for row, query in enumerate(asked)]
    )
    network = told["rest"][:, model.metadata.rest.index("network")]
    assert np.abs(network).min() > 1e-4
    assert told["share"].sum(1) + told["rest"].sum(1) == pytest.approx(told["score"], abs=1e-5)
    assert told["score"] == pytest.approx(answer["score"][:, 3], abs=1e-5)


def test_what_was_learned_answers_the_same_when_it_is_put_under_the_tables_anew(served):
    log, _, _, model, (tables, vectors, version) = served
    learned = Learned.load(version, Catalogue([None] * len(log.items), vectors))
    assert learned.text == Learned.text_of(version) == Text(longest=32)
    asked = queries_of(log, model)[1][:8]
    module = learned.served(tables, model.metadata)
    inputs = {name: tf.constant(values) for name, values in pad(asked, model.metadata).items()}
    again, before = module.recommend(**inputs), model.recommend(asked)
    assert again["item"].numpy().astype(str).tolist() == before["item"].tolist()
    for name in ("score", "base", "intent", "reason_share"):
        assert again[name].numpy() == pytest.approx(before[name], abs=1e-5), name


def test_a_catalogue_that_has_grown_gives_the_known_items_what_they_had_and_reads_the_new_ones_text(served):
    log, scoring, network, _, (_, vectors, version) = served
    grown = np.concatenate([vectors, vectors[3:4]])
    learned = Learned.load(version, Catalogue([None] * len(grown), grown))
    batch = next(iter(batches(a_level(log), scoring, scenario())))
    closed = tf.linalg.matvec(batch.features, scoring.weights)
    given = batch.past, batch.features, closed
    before = network.adds(*given, batch.candidates).numpy()
    assert learned.network.adds(*given, batch.candidates).numpy() == pytest.approx(before, abs=1e-5)
    known, new = (np.full(batch.candidates.shape, item, np.int32) for item in (3, len(log.items)))
    alike = learned.network.adds(*given, known).numpy()
    assert learned.network.adds(*given, new).numpy() == pytest.approx(alike, abs=1e-6)
    assert np.abs(alike - before).max() > 1e-3


def test_on_a_rule_that_no_sum_can_say_the_network_wins_on_fresh_choices(tmp_path):
    asked, scoring, trained = taught(looks("one of both", 500, 1), log_dir=tmp_path)
    part = last_choices(looks("one of both", 250, 2))
    closed = NDCG(10)(ranked(scoring, part, asked), part.cases)
    added = NDCG(10)(ranked(scoring, part, asked, network=trained.network), part.cases)
    assert significantly_better(added, closed, part.cases.users)
    assert added.mean() > closed.mean() + 0.05
    assert trained.curve[-1] < trained.curve[0]
    assert len(list(tmp_path.glob("*/events.out.tfevents.*"))) == 2


def test_teaching_twice_gives_the_same_network():
    log = looks("one of both", 60, 5)
    one, two = (taught(log, epochs=1, seed=4)[2] for _ in range(2))
    assert one.curve == pytest.approx(two.curve, abs=1e-5)


def test_choices_beyond_memory_are_sampled(monkeypatch):
    log = looks("one of both", 60, 6)
    asked, columns, scoring = closed_form(log)
    context = UserContext(fit_closed_intent(log, asked.targets), 3)
    monkeypatch.setattr("swayrec.learning.recommender_rows.NUMBERS", 2 * 10 * ITEMS * columns.size)
    rows = choice_rows(log, NOW, asked, columns, scoring.weights.numpy(), context, NOBODY)
    assert 0 < len(rows) <= 20
    assert rows.y.any(1).all()


def test_one_user_is_too_few_to_teach_a_network():
    with pytest.raises(ValueError, match="too few users have a choice"):
        taught(looks("one of both", 1, 7))
