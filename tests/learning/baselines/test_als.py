import numpy as np
import pytest

from swayrec.learning.baselines import ALS
from swayrec.learning.layout import Decay
from tests.small_world import at, generated, log, scenario

ALL = slice(None)


def halves(users=40, items=20, seed=0):
    """A log in which even users take even items, odd users odd ones."""
    random = np.random.default_rng(seed)
    rows = [
        (user, int(item) * 2 + user % 2, "purchase", step, step)
        for user in range(users)
        for step, item in enumerate(random.choice(items // 2, 5, replace=False), 1)
    ]
    return log(rows, users, items)


def test_what_people_alike_took_comes_before_what_others_took():
    known = halves()
    scores = ALS(4, 1.0, 10.0).fit(known, scenario()).scores(at(range(40), 9), ALL)
    own = np.arange(20)[None] % 2 == np.arange(40)[:, None] % 2
    better = [np.mean(row[mine][:, None] > row[~mine][None]) for row, mine in zip(scores, own, strict=True)]
    assert np.mean(better) > 0.95


def test_a_users_vector_is_the_weighted_ridge_solution_for_the_faded_past():
    known, hand = generated(1), np.array([1.0, 3.0])
    model = ALS(8, 2.0, 5.0, Decay("steps", 4)).fit(known, scenario(hand=(1.0, 3.0)))
    scores = model.scores(at([7], 200, before=20), ALL)[0]
    Y = model._model.item_factors.astype(np.float64)
    amount = np.zeros(40)
    for event in np.flatnonzero((known.user == 7) & (known.order < 20)):
        amount[known.item[event]] += hand[known.behavior[event]] * 0.5 ** ((19 - known.order[event]) / 4)
    confidence = np.where(amount > 0, 1 + 5 * amount, 1)
    A = (Y * confidence[:, None]).T @ Y + 2 * np.eye(8)
    user = np.linalg.solve(A, (confidence * (amount > 0)) @ Y)
    assert scores == pytest.approx(Y @ user, abs=1e-4)


def test_behaviors_weigh_what_the_scenario_gives_them_by_hand():
    known = generated(2)
    light, heavy = (
        ALS(8, 2.0, 5.0).fit(known, scenario(hand=hand)).scores(at(range(60), 200), ALL)
        for hand in ((0.1, 1.0), (1.0, 1.0))
    )
    assert np.abs(light - heavy).max() > 0.01


def test_someone_without_a_past_has_no_preference():
    scores = ALS().fit(halves(), scenario()).scores(at([3], 9, before=0), ALL)
    assert (scores == 0).all()


def test_it_says_nothing_of_threads_and_is_the_same_every_time(recwarn):
    known = halves()
    first, second = (ALS(4).fit(known, scenario()).scores(at(range(40), 9), ALL) for _ in range(2))
    assert (first == second).all()
    assert not [warning for warning in recwarn if "BLAS" in str(warning.message)]
