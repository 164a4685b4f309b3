import numpy as np
import pytest

from swayrec.learning.occurrences import Occurrences
from swayrec.learning.treated import units
from swayrec.learning.treated_past import NAMES, RECENT_DAYS, Known
from swayrec.tables.errors import InputError
from swayrec.tables.log import DAY
from tests.evaluation.shop import AT, ITEMS, START, WINDOW, log, made

CATEGORY = np.arange(ITEMS) % 5


def test_occurrences_count_fade_and_date_what_lies_strictly_before():
    found = Occurrences(np.array([3, 1, 3, 3]), np.array([20.0, 5.0, 10.0, 30.0]) * DAY)
    group, until = np.array([3, 3, 1, 2, -1]), np.array([20.0, 30.1, 5.0, 9.0, 9.0]) * DAY
    assert found.count(group, -np.inf, until).tolist() == [1, 3, 0, 0, 0]
    assert found.count(group, 10 * DAY, until).tolist() == [1, 3, 0, 0, 0]
    assert found.count(group, np.nextafter(10 * DAY, np.inf), until).tolist() == [0, 2, 0, 0, 0]
    assert found.days_since(group, until, 99).round(6).tolist() == [10, 0.1, 99, 99, 99]
    expected = [0.5, 0.5**2.01 + 0.5**1.01 + 0.5**0.01, 0, 0, 0]
    assert found.faded(group, until, 10) == pytest.approx(expected)


def test_what_is_known_is_what_a_loop_over_the_events_finds():
    whole = made(0.3)
    shop = whole.where(whole.user < 40)
    random = np.random.default_rng(0)
    user, item = random.integers(40, size=200), random.integers(ITEMS, size=200)
    instant = np.full(200, START + AT * DAY)
    until = instant - np.where(random.random(200) < 0.5, 0, WINDOW * DAY)
    known = np.expm1(Known(shop, CATEGORY, "mailed", ("buy",)).at(user, item, instant, until))
    bought, together = shop.behavior == 1, set(shop.item[shop.behavior == 0].tolist())
    for row in range(200):
        earlier = shop.time < until[row]
        own = bought & earlier & (shop.user == user[row])
        kind = own & (CATEGORY[shop.item] == CATEGORY[item[row]])
        same, late = own & (shop.item == item[row]), shop.time >= until[row] - RECENT_DAYS * DAY
        age = (until[row] - shop.time) / DAY
        expected = [
            (0.5 ** (age[same] / 28)).sum(),
            same.sum(),
            age[same].min() if same.any() else np.ptp(shop.time) / DAY,
            (0.5 ** (age[kind] / 28)).sum(),
            kind.sum(),
            (own & late).sum(),
            sum(each in together for each in shop.item[own & late].tolist()),
            (earlier & (shop.behavior == 0) & (shop.user == user[row])).sum(),
            (bought & earlier & late & (shop.item == item[row])).sum(),
        ]
        assert known[row] == pytest.approx(expected), dict(zip(NAMES, expected, strict=True))


def test_controls_are_active_others_at_the_same_item_and_instant():
    shop = made(0.3)
    found = units(shop, CATEGORY, "mailed", ("buy",), most=3000)
    mailed = shop.where(shop.behavior == 0)
    got = set(mailed.pairs().tolist())
    pair = found.user.astype(np.int64) * ITEMS + found.item
    assert 2900 < found.treated.sum() <= 3000, "few were without a control of their own"
    assert all((each in got) == treated for each, treated in zip(pair.tolist(), found.treated, strict=True))
    assert 1.7 < (~found.treated).sum() / found.treated.sum() <= 2
    assert len(np.unique(pair)) == len(pair), "nobody counts twice"
    ends = START + (AT - WINDOW) * DAY
    lately = shop.where((shop.behavior == 1) & (shop.time < ends) & (shop.time >= ends - RECENT_DAYS * DAY))
    assert set(found.user.tolist()) <= set(lately.user.tolist())
    again = units(shop, CATEGORY, "mailed", ("buy",), most=3000)
    assert np.array_equal(again.user, found.user) and np.array_equal(again.known, found.known)


def test_outcomes_are_of_the_days_after_and_before_and_not_of_the_instant():
    everyone = np.arange(1000)
    back = np.concatenate([np.zeros(1000), np.full(1000, 80.0), np.full(1000, 129.0)])
    days = {
        0: AT,
        1: AT + 0.001,
        2: AT + WINDOW - 0.001,
        3: AT + WINDOW,
        4: AT - 0.001,
        5: AT - WINDOW,
        6: 85.999,
    }
    shop = log(
        np.concatenate([np.tile(everyone, 3), np.arange(7), np.arange(8)]),
        np.concatenate([np.full(3000, 1), np.zeros(15)]).astype(int),
        np.concatenate([np.ones(3007), np.zeros(8)]).astype(int),
        np.concatenate([back, list(days.values()), np.full(8, float(AT))]),
    )
    found = units(shop, CATEGORY, "mailed", ("buy",))
    at = dict(
        zip(
            found.user[found.treated].tolist(),
            zip(found.outcome[found.treated], found.before[found.treated], strict=True),
            strict=True,
        )
    )
    assert at == {0: (0, 0), 1: (1, 0), 2: (1, 0), 3: (0, 0), 4: (0, 1), 5: (0, 1), 6: (0, 0), 7: (0, 0)}


def test_who_was_mailed_within_the_window_is_neither_treated_anew_nor_a_control():
    shop = made(0.0)
    mailed = shop.where(shop.behavior == 0)
    parts = [
        np.concatenate([getattr(shop, name), getattr(mailed, name)]) for name in ("user", "item", "behavior")
    ]
    day = (np.concatenate([shop.time, mailed.time + 7 * DAY]) - START) / DAY
    found = units(log(*parts, day), CATEGORY, "mailed", ("buy",))
    assert set(((found.time - START) / DAY).round().tolist()) == {AT}
    pair = found.user.astype(np.int64) * ITEMS + found.item
    assert not set(pair[~found.treated].tolist()) & set(mailed.pairs().tolist())


def test_nothing_to_compare_and_no_clock_are_one_sentence():
    shop = made(0.0)
    with pytest.raises(InputError, match="no user who got mailed can be compared: it takes 60 days before"):
        units(shop, CATEGORY, "mailed", ("buy",), days=60)
    with pytest.raises(InputError, match="name a time column for every source"):
        units(shop.where(np.zeros(len(shop), bool)), CATEGORY, "mailed", ("buy",))
