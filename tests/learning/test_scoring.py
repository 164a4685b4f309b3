import numpy as np
import pytest
import tensorflow as tf

from swayrec.learning.kernels import Rows
from swayrec.learning.layout import layout
from swayrec.learning.past import Past, Recent, to_past
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import ItemTables
from swayrec.tables.history import history
from swayrec.tables.scenario_learning import Form, Kernel
from tests.learning.planted import NOW, made


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "own left out"])
def world(request):
    log, columns, _, scoring, _ = made(leave_own_out=request.param)
    users = np.arange(len(log.users))
    before = to_past(history(log, users, np.full(len(users), 20), 64), np.full(len(users), NOW))
    return log, columns, scoring, before


def test_the_worked_example_of_the_method():
    """METHOD section 1: socks .35, of it .30 the cart's; cap .18."""
    names = np.array(["shoes", "hat", "socks", "cap", "tie"], object)
    form = Form(name="f", kernels=(Kernel(similarity="ease", half_lives=(0,)),), windows_days=(0,))
    columns = layout([form], ("view", "cart"), ("cart",), leave_own_out=False)
    index, value = np.zeros((5, 2), np.int32), np.zeros((5, 2), np.float32)
    index[0, 0], value[0, 0] = 2, 0.5
    index[1, 0], value[1, 0] = 3, 0.4
    counts = np.expm1(np.array([0, 0, 0.05, 0.10, 0.20], np.float32))[:, None, None] * np.array(
        [1, 0], np.float32
    )
    tables = ItemTables(
        names,
        (),
        np.full(5, -1, np.int32),
        {"ease": Rows(index, value)},
        np.zeros(5, np.float32),
        np.ones(5, np.float32),
        counts.reshape(5, 1, 2),
        np.zeros(5, np.float32),
    )
    scoring = Scoring(tables, columns, np.array([0.2, 0.6, 1.0, 0.0]))
    past = Past(
        tf.constant([[0, 1]]),
        tf.constant([[1, 0]]),
        tf.constant([[0.0, 1.0]]),
        tf.constant([[1.0, 2.0]]),
        tf.constant([[1.0, 1.0]]),
        tf.constant([[0.0, 0.0]]),
    )
    influence, base = scoring.score(past)
    assert (influence + base).numpy()[0, 2:] == pytest.approx([0.35, 0.18, 0.20], abs=1e-6)
    shares = scoring.shares(past, tf.constant([[2]]))[0, :, 0]
    assert shares.numpy() == pytest.approx([0.30, 0], abs=1e-6)


def test_training_columns_times_weights_are_the_scores_of_the_whole_catalogue(world):
    log, _, scoring, before = world
    candidates = np.tile(np.arange(len(log.items), dtype=np.int32), (len(log.users), 1))
    columns = scoring.features(before, tf.constant(candidates)).numpy()
    influence, base = scoring.score(before)
    assert columns @ scoring.weights.numpy() == pytest.approx((influence + base).numpy(), abs=2e-5)


def test_shares_and_base_parts_sum_to_the_score(world):
    log, _, scoring, before = world
    candidates = tf.constant(np.tile(np.array([3, 17, 0], np.int32), (len(log.users), 1)))
    influence, base = scoring.score(before)
    shares = scoring.shares(before, candidates)
    parts = scoring.base_parts(before, candidates)
    total = tf.reduce_sum(shares, 1) + tf.reduce_sum(parts, -1)
    assert total.numpy() == pytest.approx((influence + base).numpy()[:, [3, 17, 0]], abs=2e-5)


def test_recent_events_count_as_if_the_tables_held_them(world):
    log, _, scoring, before = world
    item = tf.constant(np.tile(np.array([4, 9, -1], np.int32), (len(log.users), 1)))
    count = tf.constant(np.tile(np.array([[5, 2], [0, 7], [9, 9]], np.float32), (len(log.users), 1, 1)))
    _, base = scoring.score(before)
    recent = Recent(item, count)
    influence, moved = scoring.score(before, recent)
    changed = np.flatnonzero(np.abs((moved - base).numpy()).max(0) > 1e-6)
    assert changed.tolist() == [4, 9]
    candidates = tf.constant(np.tile(np.arange(len(log.items), dtype=np.int32), (len(log.users), 1)))
    columns = scoring.features(before, candidates, recent=recent).numpy()
    assert columns @ scoring.weights.numpy() == pytest.approx((influence + moved).numpy(), abs=2e-5)


def test_unknown_items_and_behaviors_and_padding_add_nothing(world):
    _, _, scoring, before = world
    wider = Past(
        *(tf.pad(part, [[0, 0], [0, 3]], constant_values=-1) for part in before[:2]),
        *(tf.pad(part, [[0, 0], [0, 3]], constant_values=7.0) for part in before[2:]),
    )
    for a, b in zip(scoring.score(before), scoring.score(wider), strict=True):
        assert a.numpy() == pytest.approx(b.numpy(), abs=1e-5)


def test_amounts_of_a_kernel_that_is_normed_have_the_sum_or_the_length_one(world):
    _, columns, scoring, before = world
    some = np.asarray(before.item >= 0).any(1)
    assert {kernel.norm for kernel in columns.kernels} == {"none", "sum", "length"}
    for kernel in columns.kernels:
        amounts = scoring.amounts(before).of(kernel).numpy()[some]
        assert np.allclose(amounts.sum(1), 1, atol=1e-5) == (kernel.norm == "sum")
        assert np.allclose((amounts**2).sum(1), 1, atol=1e-5) == (kernel.norm == "length")


def test_amounts_that_are_known_already_give_the_same_scores_and_columns(world):
    log, _, scoring, before = world
    candidates = tf.constant(np.tile(np.array([3, 17, 0], np.int32), (len(log.users), 1)))
    amounts, weights = scoring.amounts(before), scoring.weights.numpy()
    features = scoring.features(before, candidates, amounts=amounts)
    assert features.numpy() == pytest.approx(scoring.features(before, candidates).numpy())
    try:
        for factor in (1, -2):
            scoring.set_weights(factor * weights)
            for again, anew in zip(
                scoring.score(before, amounts=amounts), scoring.score(before), strict=True
            ):
                assert again.numpy() == pytest.approx(anew.numpy())
    finally:
        scoring.set_weights(weights)
