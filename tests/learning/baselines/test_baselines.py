import numpy as np
import pytest

from swayrec.learning import kernels
from swayrec.learning.baselines import (
    BASELINES,
    Ease,
    ItemKNN,
    PersonalFrequency,
    Popular,
    SequentialRules,
    WindowedPopular,
)
from swayrec.learning.baselines.amounts import amounts
from swayrec.learning.layout import Decay
from swayrec.tables.log import Log
from tests.small_world import at, generated, log, scenario

ALL = slice(None)


def relabeled(known: Log, items: np.ndarray) -> Log:
    """The same log with item n called items[n]."""
    from dataclasses import replace

    names = np.empty_like(known.items)
    names[items] = known.items
    return replace(known, items=names, item=items[known.item].astype(np.int32))


def test_popular_counts_targets_or_all_events():
    known = log([(0, 0, "view", 1, 1), (0, 0, "view", 2, 2), (0, 1, "purchase", 3, 3), (1, 1, "view", 1, 1)])
    assert Popular("targets").fit(known, scenario()).scores(at([0], 9), ALL).tolist() == [[0, 1]]
    assert Popular("all").fit(known, scenario()).scores(at([0, 1], 9), ALL).tolist() == [[2, 2], [2, 2]]


def test_windowed_popular_forgets_what_is_older_than_the_window_and_never_looks_ahead():
    known = log(
        [
            (0, 0, "purchase", 1, 1),
            (0, 0, "purchase", 2, 2),
            (1, 1, "purchase", 8, 1),
            (1, 2, "purchase", 9, 2),
        ]
    )
    model = WindowedPopular("targets", 3).fit(known, scenario())
    assert model.scores(at([0], 9), ALL).tolist() == [[0, 1, 0]]  # day 9 itself is not before day 9
    assert model.scores(at([0], 4), ALL).tolist() == [[2, 0, 0]]  # the start of the window belongs to it


def test_windowed_popular_without_a_clock_is_popular():
    known = log([(0, 0, "purchase", None, 0), (1, 0, "purchase", None, 0), (1, 1, "purchase", None, 0)])
    grid = WindowedPopular.grid(known, scenario())
    assert {model.days for model in grid} == {0}
    assert grid[0].fit(known, scenario()).scores(at([0], None), ALL).tolist() == [[2, 1]]


def test_personal_frequency_adds_up_faded_events_and_then_lists_what_is_popular():
    known = log(
        [
            (0, 0, "purchase", 0, 1),
            (0, 0, "purchase", 10, 2),
            (0, 1, "purchase", 20, 3),
            (1, 2, "purchase", 5, 1),
            (1, 2, "purchase", 6, 2),
            (1, 3, "purchase", 6, 2),
        ]
    )
    scores = PersonalFrequency(Decay("days", 10)).fit(known, scenario()).scores(at([0], 20), ALL)[0]
    assert scores[0] == pytest.approx(0.25 + 0.5)
    assert scores[1] == pytest.approx(1)
    assert 0 > scores[2] > scores[3] >= -1


def test_personal_frequency_may_weigh_behaviors_by_hand():
    known = log([(0, 0, "view", 1, 1), (0, 1, "purchase", 1, 1)])
    model = PersonalFrequency(Decay("days", 0), "hand").fit(known, scenario(hand=(1.0, 3.0)))
    assert model.scores(at([0], 2), ALL)[0].tolist() == [1.0, 3.0]


def test_personal_frequency_says_why_it_has_nothing_to_list():
    known = log([(0, 0, "view", 1, 1)])
    assert "off the list" in PersonalFrequency.unfit_because(known, scenario(False, ("view", "purchase")))
    assert PersonalFrequency.unfit_because(known, scenario(False, ("purchase",))) is None


def test_a_past_is_strictly_before_the_moment_and_fades_in_steps():
    known = log([(0, 0, "view", 1, 1), (0, 1, "view", 2, 2), (0, 2, "view", 3, 3), (0, 2, "view", 4, 4)])
    past = amounts(known, at([0], 9, before=4), ALL, Decay("steps", 1)).toarray()[0]
    assert past.tolist() == [0.25, 0.5, 1.0]


def test_newest_lets_one_event_stand_for_all_of_an_item():
    known = log([(0, 0, "view", 0, 1), (0, 0, "view", 10, 2)])
    assert amounts(known, at([0], 10), ALL, Decay("days", 10)).toarray()[0, 0] == pytest.approx(1.5)
    assert amounts(known, at([0], 10), ALL, Decay("days", 10), "newest").toarray()[0, 0] == 1


def test_item_knn_is_the_shrunken_cosine_by_hand():
    # Items 0 and 1 have two users in common out of 2 and 3.
    known = log(
        [
            (0, 0, "view", 1, 1),
            (0, 1, "view", 1, 1),
            (1, 0, "view", 1, 1),
            (1, 1, "view", 1, 1),
            (2, 1, "view", 1, 1),
            (3, 0, "view", 1, 1),
        ]
    )
    known = known.where(known.user != 3)
    model = ItemKNN(Decay("days", 0), 50, itself=False).fit(known, scenario())
    cosine = 2 / np.sqrt(2 * 3) * 2 / (2 + 10)
    assert model.scores(at([2], 2), ALL)[0].tolist() == pytest.approx([cosine, 0])
    itself = ItemKNN(Decay("days", 0), 50, itself=True).fit(known, scenario())
    assert itself.scores(at([2], 2), ALL)[0].tolist() == pytest.approx([cosine, 1])


def test_item_knn_of_another_width_is_the_one_that_is_fitted_with_it():
    known = generated(1, users=60, items=300)
    moments, widths = at(range(60), 200), (50, 200)
    narrow, wide = (ItemKNN(Decay("days", 30), width).fit(known, scenario()) for width in widths)
    adjusted = narrow.adjusted(ItemKNN(Decay("days", 30), 200))
    assert narrow.fits_like(wide)
    assert (adjusted.scores(moments, ALL) == wide.scores(moments, ALL)).all()
    assert (adjusted.scores(moments, ALL) != narrow.scores(moments, ALL)).any()


@pytest.mark.parametrize(("users", "items"), [(30, 50), (50, 30)], ids=["from users", "from items"])
def test_ease_scores_are_those_of_the_closed_form(users, items):
    known = generated(1, users, items)
    moments = at(range(users), 200)
    X = kernels.taken(known).toarray().astype(np.float64)
    inverse = np.linalg.inv(X.T @ X + 50 * np.eye(items))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    past = amounts(known, moments, ALL, Decay("days", 30), "newest").toarray()
    scores = Ease(Decay("days", 30), 50.0).fit(known, scenario()).scores(moments, ALL)
    np.testing.assert_allclose(scores, past @ weights, atol=2e-5)


def test_rules_weigh_what_followed_by_distance_and_frequency():
    # User 0: 0, then 1, then 2. User 1: 0, then 2.
    known = log(
        [
            (0, 0, "view", 1, 1),
            (0, 1, "view", 2, 2),
            (0, 2, "view", 3, 3),
            (1, 0, "view", 1, 1),
            (1, 2, "view", 2, 2),
            (2, 0, "view", 1, 1),
        ]
    )
    known_before = SequentialRules(reach=3, half_life=0.5).fit(known, scenario())
    scores = known_before.scores(at([2], 9, before=2), ALL)[0]
    # Item 0 stood in three instants; 1 followed at distance 1, 2 at distances 2 and 1.
    assert scores.tolist() == pytest.approx([0, 1 / 3, (1 / 2 + 1) / 3])


def test_rules_never_lead_from_one_user_to_the_next():
    known = log([(0, 0, "view", 1, 1), (1, 1, "view", 2, 1)])
    assert SequentialRules().fit(known, scenario()).scores(at([0], 3), ALL).sum() == 0


def test_rules_say_that_they_need_an_order():
    known = log([(0, 0, "view", None, 0), (0, 1, "view", None, 0)])
    assert "no order" in SequentialRules.unfit_because(known, scenario())


@pytest.mark.parametrize("name", BASELINES)
def test_no_grid_fades_what_the_log_cannot_date(name):
    known = log([(0, 0, "view", None, 0), (0, 1, "purchase", None, 0)])
    if BASELINES[name].unfit_because(known, scenario()):
        return
    for model in BASELINES[name].grid(known, scenario()):
        decay = model.settings.get("decay", {"half_life": 0})
        assert not decay["half_life"]
        assert (model.fit(known, scenario()).rank(at([0], None, before=1), 2) >= -1).all()


@pytest.mark.parametrize("name", BASELINES)
def test_numbering_the_items_otherwise_changes_nothing_but_ties(name):
    known = generated(2)
    moments = at(range(60), 200)
    number = np.random.default_rng(5).permutation(40)
    for model in BASELINES[name].grid(known, scenario())[:3]:
        scores = model.fit(known, scenario()).scores(moments, ALL)
        other = type(model)(**vars_of(model)).fit(relabeled(known, number), scenario()).scores(moments, ALL)
        np.testing.assert_allclose(other[:, number], scores, atol=1e-5)


def vars_of(model):
    return {name: getattr(model, name) for name in model.settings}


@pytest.mark.parametrize("name", BASELINES)
def test_excluded_items_stay_out_and_blocks_of_users_change_nothing(name, monkeypatch):
    known = generated(3)
    moments = at(range(60), 200)
    model = BASELINES[name].grid(known, scenario())[0].fit(known, scenario())
    exclude = [np.array([user % 40], np.int32) for user in range(60)]
    ranked = model.rank(moments, 10, exclude)
    assert ranked.shape == (60, 10) and ranked.dtype == np.int32
    assert not (ranked == np.array([user % 40 for user in range(60)])[:, None]).any()
    monkeypatch.setattr("swayrec.learning.baselines.baseline.BLOCK_SCORES", 40 * 7)
    scores = model.scores(moments, ALL)
    again = np.take_along_axis(scores, model.rank(moments, 10, exclude), 1)
    np.testing.assert_allclose(again, np.take_along_axis(scores, ranked, 1), atol=1e-6)


@pytest.mark.parametrize("name", BASELINES)
def test_a_setting_that_fits_alike_can_be_put_on_afterwards(name):
    known = generated(4)
    moments = at(range(60), 200)
    grid = BASELINES[name].grid(known, scenario())
    fitted = grid[0].fit(known, scenario())
    for setting in grid[1:]:
        if setting.fits_like(fitted):
            adjusted = fitted.adjusted(setting)
            assert adjusted.settings == setting.settings
            own = setting.fit(known, scenario())
            np.testing.assert_allclose(adjusted.scores(moments, ALL), own.scores(moments, ALL), atol=1e-6)
