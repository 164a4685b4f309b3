"""Fairness and variety of the lists of a window whose truth is known."""

import json

import numpy as np
import pytest

from swayrec.evaluation.fairness import Groups, Wanted
from swayrec.evaluation.metrics import discount
from swayrec.operations.monitoring import fairness_of_window as fairness
from swayrec.operations.monitoring import wording
from swayrec.operations.monitoring.evidence import strongest
from swayrec.operations.monitoring.judged_lists import JudgedLists
from swayrec.operations.monitoring.outcomes import K
from swayrec.operations.monitoring.variety import variety
from swayrec.tables.scenario_monitoring import CHECKS

PEOPLE, ITEMS = 600, 40


def lists(seed=0, south=1.0, hidden=0.0):
    """A list for each of 600 people; those of the south are served ``south`` times as well, category c0 is left out of
    a share ``hidden`` of the lists."""
    random = np.random.default_rng(seed)
    ranked = np.full((PEOPLE, K), -1, np.int64)
    for row in range(PEOPLE):
        shelf = np.arange(ITEMS)
        if random.random() < hidden:
            shelf = shelf[shelf % 4 != 0]
        ranked[row] = random.choice(shelf, K, replace=False)
    region = ["south" if person % 3 == 0 else "north" for person in range(PEOPLE)]
    ndcg = random.beta(2, 5, PEOPLE) * np.where(np.arange(PEOPLE) % 3 == 0, south, 1.0)
    ndcg[random.random(PEOPLE) < 0.2] = np.nan
    return JudgedLists(
        ranked=ranked,
        person=np.arange(PEOPLE),
        g=np.arange(PEOPLE) % 256,
        ndcg=ndcg,
        wanted=Wanted(np.arange(PEOPLE), random.integers(ITEMS, size=PEOPLE), np.ones(PEOPLE)),
        category=Groups.of([f"c{item % 4}" for item in range(ITEMS)]),
        people={"region": Groups.of(region), "club": Groups.of(["yes"] * 10 + ["no"] * (PEOPLE - 10))},
        known=np.arange(ITEMS, dtype=float) * 10,
        among=1000,
    )


def test_a_group_that_is_served_worse_is_told_of_with_its_interval():
    found = fairness.compared(lists(south=0.5))
    told = fairness.told(found)
    assert [(each["of"], each["attribute"]) for each in told["compared"]] == [
        ("users", "region"),
        ("users", "club"),
        ("items", "category"),
    ]
    region = {each["group"]: each for each in told["compared"][0]["groups"]}
    mean, low, high = region["south"]["gap"]
    assert low < mean < high < 0
    [sentence] = told["told"]
    assert sentence["en"].startswith("NDCG of region ") and "用户，NDCG" in sentence["zh"]
    assert told["compared"][1]["too_small"] == 2 and not told["compared"][1]["groups"], (
        "ten people are no group"
    )
    assert "NaN" not in json.dumps(told)


def test_a_category_that_is_hidden_is_shown_less_than_it_merits():
    [*_, found] = fairness.compared(lists(hidden=0.6))
    told = fairness.told([found])
    assert told["told"][0]["en"].startswith("The share of exposure of category c0 differs")
    assert found.found["c0"].gap.high < 0


def test_worlds_without_a_gap_are_seldom_told_of():
    told = [fairness.told(fairness.compared(lists(seed)))["told"] for seed in range(20)]
    assert sum(map(bool, told)) <= 2, "5 % of windows"


def test_as_checks_gaps_count_only_beyond_their_tolerance_and_by_default_nothing_is_done():
    gaps = fairness.results(fairness.compared(lists(south=0.5)))
    part, p = strongest(gaps["user_gap"], CHECKS["user_gap"].tolerance)
    assert part.name.startswith("region ") and p < 0.01
    assert strongest(gaps["item_gap"], CHECKS["item_gap"].tolerance)[1] > 0.5
    assert {CHECKS[name].action for name in gaps} == {"nothing"}
    assert "region south has 0." in wording.alarm("user_gap", gaps["user_gap"].parts[-1], 0.05, 1).en
    nobody = JudgedLists(**{**lists().__dict__, "people": {}})
    assert fairness.results(fairness.compared(nobody))["user_gap"] is None


def test_coverage_gini_novelty_diversity_and_popularity_by_hand():
    found = lists()
    ranked = np.full((2, K), -1, np.int64)
    ranked[0, :2], ranked[1, :1] = [1, 2], [1]
    told = variety(
        JudgedLists(
            **{
                **found.__dict__,
                "ranked": ranked,
                "person": np.arange(2),
                "g": np.arange(2),
                "ndcg": np.zeros(2),
            }
        )
    )
    known = found.known
    assert told["coverage"].mean == pytest.approx(2 / ITEMS)
    exposure = sorted([0.0] * 38 + [2 * discount(1), discount(2)])
    ranks = 2 * np.arange(1, ITEMS + 1) - ITEMS - 1
    assert told["gini"].mean == pytest.approx(ranks @ exposure / (ITEMS * sum(exposure)))
    bits = [np.log2(1001 / (known[item] + 1)) for item in (1, 2)]
    assert told["novelty"].mean == pytest.approx((np.mean(bits) + bits[0]) / 2)
    assert told["diversity"].mean == 1, "the one pair that there is"
    assert told["popularity"].mean == pytest.approx((15 + 10) / 2 / ((known**2).sum() / known.sum()))
    assert all(each.low <= each.mean <= each.high for each in told.values())


def test_intervals_of_coverage_and_gini_hold_what_other_people_would_be_shown():
    wanted = np.array([[each.mean for each in variety(lists(seed)).values()] for seed in range(30)])
    names = list(variety(lists()))
    held = [
        [
            one[name].low <= wanted[:, names.index(name)].mean() <= one[name].high
            for name in ("gini", "novelty")
        ]
        for one in map(variety, map(lists, range(30)))
    ]
    assert np.mean(held) > 0.85


def test_of_too_many_categories_the_smaller_ones_are_one(monkeypatch):
    monkeypatch.setattr(fairness, "CATEGORIES", 3)
    found = lists(hidden=0.6)
    [*_, whole] = fairness.compared(found)
    assert [one.group for one in whole.found.contrasts][-1] == "*"
    values = [one.value.mean for one in whole.found.contrasts]
    assert len(values) == 3 and sum(values) == pytest.approx(1)
    some = JudgedLists(
        **{**found.__dict__, "category": Groups.of([None] * 20 + [f"c{n % 5}" for n in range(20)])}
    )
    assert fairness.compared(some)[-1].found.unknown == 20
