import numpy as np
import pytest

from swayrec.learning.baselines import TIFUKNN
from tests.small_world import at, generated, log, scenario

ALL = slice(None)


def test_a_users_vector_is_that_of_the_paper_by_hand():
    known = log(
        [
            (0, 0, "purchase", 1, 1),
            (0, 1, "purchase", 2, 2),
            (0, 0, "purchase", 3, 3),
            (0, 0, "view", 3, 3),  # in the basket already
            (0, 2, "purchase", 9, 4),  # after the moment
        ]
    )
    model = TIFUKNN(2, 0.5, 0.25, 1, 1.0).fit(known, scenario())
    scores = model.scores(at([0], 5, before=4), ALL)[0]
    # Baskets 3 and 2 are the newest group (2 groups of size 2), basket 1 the older one.
    assert scores.tolist() == pytest.approx([(1 + 0.25) / 2 / 2, 0.5 / 2 / 2, 0])


def test_scores_equal_those_of_a_user_by_user_computation():
    known = generated(3)
    users, before = np.arange(60), np.random.default_rng(0).integers(2, 27, 60)
    model = TIFUKNN(3, 0.9, 0.7, 5, 0.6).fit(known, scenario())
    scores = model.scores(at(users, 200, before=before), ALL)
    everyone = np.array([vector(known, user, 10**6, 3, 0.9, 0.7) for user in users])
    for user in users:
        own = vector(known, user, before[user], 3, 0.9, 0.7)
        distance = np.linalg.norm(everyone - own, axis=1)
        distance[user] = np.inf
        near = np.argsort(distance)[:5]
        assert scores[user] == pytest.approx(0.6 * own + 0.4 * everyone[near].mean(0), abs=1e-6)


def vector(known, user, before, size, within, between):
    """The formulas of the paper, basket by basket."""
    mine = (known.user == user) & (known.order < before)
    baskets = [set(known.item[mine & (known.order == order)]) for order in np.unique(known.order[mine])]
    newest_first = baskets[::-1]
    groups = [newest_first[start : start + size] for start in range(0, len(baskets), size)]
    total = np.zeros(len(known.items))
    for age, group in enumerate(groups):
        for place, basket in enumerate(group):
            total[list(basket)] += between**age * within**place / size / len(groups)
    return total


def test_more_neighbors_than_users_are_all_of_them():
    known = generated(4, users=5)
    wide = TIFUKNN(neighbors=300).fit(known, scenario()).scores(at(range(5), 200), ALL)
    four = TIFUKNN(neighbors=4).fit(known, scenario()).scores(at(range(5), 200), ALL)
    assert wide == pytest.approx(four)


def test_users_without_events_are_nobodys_neighbors_and_are_scored_by_others():
    known = log([(0, 0, "purchase", 1, 1), (2, 1, "purchase", 1, 1)], users=3, items=2)
    scores = TIFUKNN(own=0.5).fit(known, scenario()).scores(at([0, 1], 9), ALL)
    assert scores[0].tolist() == pytest.approx([0.5 / 3, 0.5 / 3])
    assert sorted(scores[1].tolist()) == pytest.approx([0, 0.5 / 3])


def test_it_says_why_it_has_nothing_to_say():
    known = log([(0, 0, "view", None, 0), (0, 1, "view", None, 0)])
    assert "no order" in TIFUKNN.unfit_because(known, scenario())
    assert "do not take the same thing again" in TIFUKNN.unfit_because(generated(), scenario(repeats=False))
    assert TIFUKNN.unfit_because(generated(), scenario()) is None
