import numpy as np
import pytest
import tensorflow as tf

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.learning.calibration import auc, brier, reliability, squared_errors
from swayrec.learning.closed_intent import fit_closed_intent, moments
from swayrec.learning.intent import IntentModel, IntentShape, inputs_of
from swayrec.learning.intent_training import fit_intent, foretell
from swayrec.learning.item_vectors import Components
from swayrec.learning.past import Past
from swayrec.tables.log import Log
from tests.small_world import generated

BEHAVIORS = ("view", "cart", "purchase")
TARGETS = ("cart", "purchase")
ITEMS = 30


def log_of(user, item, behavior, order, items=ITEMS):
    user, order = np.asarray(user, np.int32), np.asarray(order, np.int64)
    return Log(
        users=np.array([f"u{n}" for n in range(user.max() + 1)], object),
        items=np.array([f"i{n}" for n in range(items)], object),
        behaviors=BEHAVIORS,
        user=user,
        item=np.asarray(item, np.int32),
        behavior=np.asarray(behavior, np.int16),
        order=order,
        time=1e9 + 3600.0 * order,
        value=np.full(len(user), np.nan, np.float32),
    )


def alternating_looks(users, seed, length=32):
    """A purchase is likely right after view, cart or cart, view; unlikely after the same look twice."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        looks = []
        for order in range(1, length + 1):
            likely = 0.25 if len(looks) < 2 else (0.7 if looks[-1] != looks[-2] else 0.02)
            behavior = 2 if random.random() < likely else int(random.integers(2))
            looks = [] if behavior == 2 else [*looks, behavior]
            rows.append((user, int(random.integers(400)), behavior, order))
    return log_of(*np.array(rows).T, items=400)


def past_of(rows, length):
    """Histories from lists of (item, behavior, days, steps, count), newest first."""
    tables = {name: np.full((len(rows), length), empty) for name, empty in EMPTY.items()}
    for place, history in enumerate(rows):
        for column, row in enumerate(history):
            for name, value in zip(("item", "behavior", "days", "steps", "count"), row, strict=True):
                tables[name][place, column] = value
    ids = {name: tf.constant(tables[name], tf.int32) for name in ("item", "behavior")}
    numbers = {name: tf.constant(tables[name], tf.float32) for name in ("days", "steps", "count", "value")}
    return Past(**ids, **numbers)


# The padding of the model signature, aged: no time, order 0.
EMPTY = {"item": -1, "behavior": -1, "days": np.nan, "steps": 90.0, "count": 0.0, "value": np.nan}


def a_history(random, length):
    days = np.sort(random.exponential(20, length))
    return [
        (int(random.integers(ITEMS)), int(random.integers(3)), days[n], n + 1.0, 1.0 + n % 2)
        for n in range(length)
    ]


@pytest.fixture(params=["gru", "attention"])
def model(request):
    tf.keras.utils.set_random_seed(1)
    random = np.random.default_rng(0)
    vectors = random.normal(size=(ITEMS, 40)).astype(np.float32)
    vectors[::3] = 0
    made = IntentModel(
        IntentShape(request.param, 3, 2, 16), vectors, Components.fitted(vectors), np.array([0.1, 0.4, 1])
    )
    for weight in made.trainable_weights:
        weight.assign(weight + tf.random.normal(weight.shape, stddev=0.3))
    return made


def test_an_intent_is_what_it_was_at_that_moment(model):
    rows = a_history(np.random.default_rng(3), 12)
    whole = model.intents(past_of([rows], 12)).numpy()[0]
    assert whole.shape == (12, 2) and np.ptp(whole, axis=0).min() > 0.01
    for place in range(12):
        earlier = [(i, b, days - rows[place][2], steps - place, c) for i, b, days, steps, c in rows[place:]]
        then = model.intents(past_of([earlier], 12)).numpy()[0]
        assert then[0] == pytest.approx(whole[place], abs=1e-5)


def test_padding_and_company_change_nothing(model):
    random = np.random.default_rng(4)
    rows, other = a_history(random, 5), a_history(random, 9)
    alone = model.intents(past_of([rows], 5)).numpy()[0]
    together = model.intents(past_of([other, rows, []], 20)).numpy()
    assert together[1, :5] == pytest.approx(alone, abs=1e-5)


def test_a_row_that_is_unknown_is_passed_over(model):
    rows = a_history(np.random.default_rng(5), 6)
    unknown = (-1, -1, rows[0][2], 0.5, 1.0)
    plain = model.intents(past_of([rows], 8)).numpy()[0]
    with_unknown = model.intents(past_of([[unknown, *rows]], 8)).numpy()[0]
    assert with_unknown[0] == pytest.approx(plain[0], abs=1e-5)
    assert with_unknown[1:7] == pytest.approx(plain[:6], abs=1e-5)


def test_only_the_newest_fifty_rows_are_read(model):
    rows = a_history(np.random.default_rng(6), 60)
    read = model.intents(past_of([rows], 60)).numpy()[0]
    assert read.shape == (60, 2) and not read[50:].any()
    assert read[:50] == pytest.approx(model.intents(past_of([rows[:50]], 50)).numpy()[0], abs=1e-5)


def test_every_user_has_an_intent_even_without_a_past_or_a_clock(model):
    timeless = [(i, b, np.nan, steps, c) for i, b, _, steps, c in a_history(np.random.default_rng(7), 4)]
    now = model.intents(past_of([[], timeless], 6)).numpy()[:, 0]
    assert np.isfinite(now).all() and (now > 0).all() and (now < 1).all()
    assert model.context(past_of([[], timeless], 6)).shape == (2, 2 + 16)


def test_order_matters(model):
    one, two = (1, 0, 2.0, 2.0, 1.0), (1, 1, 2.0, 2.0, 1.0)
    newer_one, newer_two = (1, 0, 1.0, 1.0, 1.0), (1, 1, 1.0, 1.0, 1.0)
    now = model.intents(past_of([[newer_two, one], [newer_one, two]], 2)).numpy()[:, 0]
    assert np.abs(now[0] - now[1]).max() > 1e-3


def test_it_lives_in_a_saved_model(model, tmp_path):
    past = past_of([a_history(np.random.default_rng(8), 9), []], 16)
    module = tf.Module()
    module.intent = model
    specs = [tf.TensorSpec([None, 16], part.dtype) for part in past]
    module.asked = tf.function(lambda *parts: model.intents(Past(*parts)), input_signature=specs)
    tf.saved_model.save(module, str(tmp_path))
    served = tf.saved_model.load(str(tmp_path))
    assert served.asked(*past).numpy() == pytest.approx(model.intents(past).numpy(), abs=1e-6)


def test_it_comes_back_from_its_folder_for_another_catalogue(model, tmp_path):
    vectors = np.random.default_rng(0).normal(size=(ITEMS, 40)).astype(np.float32)
    vectors[::3] = 0
    model.save_folder(tmp_path)
    shuffled = np.random.default_rng(1).permutation(ITEMS)
    again = IntentModel.load_folder(tmp_path, np.vstack([vectors[shuffled], vectors[:1]]))
    rows = a_history(np.random.default_rng(9), 10)
    place = {int(old): new for new, old in enumerate(shuffled)}
    moved = [(place[i], *rest) for i, *rest in rows]
    assert again.intents(past_of([moved], 10)).numpy() == pytest.approx(
        model.intents(past_of([rows], 10)).numpy(), abs=1e-6
    )
    new = again.intents(past_of([[(ITEMS, 0, 1.0, 1.0, 1.0)]], 1)).numpy()
    assert np.isfinite(new).all()


@pytest.mark.parametrize(
    ("kind", "epochs"), [("gru", 6), pytest.param("attention", 20, marks=pytest.mark.soak)]
)
def test_on_an_order_dependent_rule_the_intent_beats_a_constant_and_the_closed_form(kind, epochs, tmp_path):
    train, fresh = alternating_looks(350, 1), alternating_looks(150, 2)
    closed = fit_closed_intent(train, ("purchase",))
    shape = IntentShape(kind, 3, 1, 24)
    trained = fit_intent(train, ("purchase",), shape, epochs=epochs, most=7000, seed=3, log_dir=tmp_path)
    asked = moments(fresh, ("purchase",), 4000, 0)
    learned, linear = foretell(trained.model, fresh, asked), foretell(closed, fresh, asked)
    constant = np.full_like(asked.y, train.is_behavior(["purchase"]).mean())
    assert auc(asked.y[:, 0], learned[:, 0]) > auc(asked.y[:, 0], linear[:, 0]) + 0.1
    bootstrap = Bootstrap(draws=500)
    for other in (linear, constant):
        gain = bootstrap.difference(
            squared_errors(asked.y, other), squared_errors(asked.y, learned), asked.users
        )
        assert gain.above_zero
    assert reliability(asked.y[:, 0], learned[:, 0]).error < 0.05
    assert len(list(tmp_path.glob("*/events.out.tfevents.*"))) == 2


def test_training_twice_gives_the_same_model():
    log = alternating_looks(60, 5)
    asked = moments(log, TARGETS, 300, 0)
    one, two = (
        fit_intent(log, TARGETS, IntentShape("gru", 3, 2, 8), epochs=1, most=500, seed=4) for _ in range(2)
    )
    assert foretell(one.model, log, asked) == pytest.approx(foretell(two.model, log, asked), abs=1e-6)
    assert one.curve == pytest.approx(two.curve, abs=1e-6)


def test_a_log_without_order_has_no_intent_to_learn():
    log = log_of([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1], [0, 0, 0, 0])
    with pytest.raises(ValueError, match="too few users have a second instant"):
        fit_intent(log, TARGETS, IntentShape("gru", 3, 2, 8))


def test_inputs_are_the_parts_of_a_past():
    assert list(inputs_of(past_of([[]], 1))) == ["item", "behavior", "days", "steps", "count"]


def test_brier_of_a_coin_is_a_quarter():
    assert brier(np.array([0, 1]), np.array([0.5, 0.5])) == 0.25


def test_moments_beyond_what_a_stage_holds_are_those_that_it_does_not_know():
    known = generated(3, 20, 12)
    newest = known.newest_orders() - 1
    found = moments(known, ("purchase",), 1000, 0, beyond=newest)
    assert set(found.users.tolist()) == set(np.flatnonzero(newest >= 1).tolist())
    assert (found.before == newest[found.users] + 1).all()
