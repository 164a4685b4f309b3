import numpy as np

from swayrec.learning.baselines import BPR
from tests.learning.baselines.test_als import halves
from tests.small_world import at, log, scenario

ALL = slice(None)


def test_what_people_alike_took_comes_before_what_others_took():
    scores = BPR("targets", 8, 0.01, 0.05).fit(halves(), scenario()).scores(at(range(40), 9), ALL)
    own = np.arange(20)[None] % 2 == np.arange(40)[:, None] % 2
    better = [np.mean(row[mine][:, None] > row[~mine][None]) for row, mine in zip(scores, own, strict=True)]
    assert np.mean(better) > 0.95


def test_views_count_where_all_behaviors_make_a_touch_and_not_among_targets():
    # Even users buy item 0 or 2 and view 1; item 3 is what odd users do.
    rows = [(user, user % 4, "purchase", 1, 1) for user in range(40)]
    rows += [(user, 1, "view", 2, 2) for user in range(0, 40, 2)]
    targets, everything = (BPR(of, 8, 0.01, 0.05).fit(log(rows), scenario()) for of in ("targets", "all"))
    even = at(range(0, 40, 2), 9)
    assert (everything.scores(even, ALL)[:, 1] > everything.scores(even, ALL)[:, 3]).all()
    gap = targets.scores(even, ALL)[:, 1] - targets.scores(even, ALL)[:, 3]
    assert (
        np.abs(gap).mean()
        < 0.5 * (everything.scores(even, ALL)[:, 1] - everything.scores(even, ALL)[:, 3]).mean()
    )


def test_someone_without_a_past_gets_what_is_liked_by_all():
    rows = [(user, item, "purchase", 1, 1) for user in range(30) for item in (0, 1 + user % 5)]
    scores = BPR("targets", 8, 0.01, 0.05).fit(log(rows, users=31), scenario()).scores(at([30], 9), ALL)
    assert scores[0].argmax() == 0


def test_one_behavior_is_tried_once():
    setting = scenario()
    assert {model.of for model in BPR.grid(halves(), setting)} == {"targets", "all"}
    only = setting.model_copy(update={"behaviors": setting.behaviors[1:]})
    assert {model.of for model in BPR.grid(halves(), only)} == {"targets"}


def test_it_is_the_same_every_time():
    first, second = (BPR().fit(halves(), scenario()).scores(at(range(40), 9), ALL) for _ in range(2))
    assert (first == second).all()
