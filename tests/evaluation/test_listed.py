from dataclasses import replace

import numpy as np
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.listed_race import CLICK_RATE, CLICKS, NEWEST, POPULAR, RANDOM, listed_race
from swayrec.evaluation.listed_ranking import ranked_within
from swayrec.evaluation.metrics import NDCG, HitFirst
from swayrec.evaluation.parts import Cases
from swayrec.learning.listing import Shown
from swayrec.tables.errors import InputError
from swayrec.tables.log import DAY
from tests.listed_world import rolling_log, scenario, shown_log
from tests.small_world import log


@pytest.fixture(scope="module")
def rolled():
    some, asked = rolling_log(), scenario("rolling", "fresh")
    return some, asked, splits.split(some, asked)


def test_each_case_has_its_own_instant_within_its_part(rolled):
    some, _, parts = rolled
    for part, stop in ((parts.validation, parts.test.until), (parts.test, np.inf)):
        assert len(part.cases) > 100
        assert ((part.cases.now >= part.until) & (part.cases.now < stop)).all()
        assert part.before.time.max() < part.until <= part.known.time.max()
        for case in range(0, len(part.cases), 29):
            user, now = part.cases.users[case], part.cases.now[case]
            assert (
                part.known.time[(part.known.user == user) & (part.known.order == part.cases.before[case])]
                == now
            )
            assert part.cases.of(case) in part.cases.listed.of(np.array([case]))
    assert len(parts.test.known) == len(some)


def test_events_after_a_case_may_be_any_and_its_candidates_and_baselines_stay_the_same(rolled):
    some, asked, parts = rolled
    case = len(parts.validation.cases) // 2
    cases = parts.validation.cases
    one = replace(
        cases,
        users=cases.users[case : case + 1],
        before=cases.before[case : case + 1],
        now=cases.now[case : case + 1],
        ends=np.array([0, 1]),
        truth=cases.of(case),
    )
    random = np.random.default_rng(0)
    later = some.time > cases.now[case]
    moved = replace(
        some,
        time=np.where(later, some.time + random.uniform(0, 5 * DAY, len(some)), some.time),
        item=np.where(later, random.permutation(some.item), some.item).astype(np.int32),
    )
    found = []
    for known in (some, moved):
        listing = splits.listed.listed_choices.rolling(known, asked).listing
        part = replace(parts.validation, known=known)
        asked_of = replace(listing, users=one.users, now=one.now)
        part = replace(part, cases=replace(one, listed=asked_of))
        rows, candidates = np.array([0]), asked_of.of(np.array([0]))
        race = listed_race(part, asked)
        scores = {each.name: each.scores(part, asked)(rows, candidates)[0].tolist() for each in race.tuned}
        found.append((candidates.tolist(), scores))
    assert found[0] == found[1]


def test_where_people_take_what_is_new_the_newest_come_first_and_every_window_is_told(rolled):
    _, asked, parts = rolled
    race = listed_race(parts.validation, asked)
    assert [each.name for each in race.tuned] == [*POPULAR, NEWEST, RANDOM] and not race.absent
    ranked = race.ranked(parts.validation, asked)
    ndcg = {name: NDCG()(lists, parts.validation.cases).mean() for name, lists in ranked.items()}
    assert max(ndcg, key=ndcg.get) == NEWEST
    assert ndcg[NEWEST] > ndcg[RANDOM] + 0.2
    assert ndcg[NEWEST] == pytest.approx(next(e.validation for e in race.tuned if e.name == NEWEST))


def test_lists_are_split_by_users_and_tables_hold_none_of_those_that_are_asked():
    some, asked = shown_log()[0], scenario("shown", "headline", cuts=[0.6, 0.8])
    parts = splits.split(some, asked)
    users = {}
    for part in (parts.validation, parts.test):
        users[part.name] = set(part.cases.users.tolist())
        assert len(part.cases) == 5 * len(users[part.name])
        assert not users[part.name] & set(part.before.user.tolist())
        assert users[part.name] <= set(part.known.user.tolist())
    assert not users["validation"] & users["test"]
    assert users["validation"] <= set(parts.test.before.user.tolist())
    assert len(users["validation"]) + len(users["test"]) == pytest.approx(120, abs=25)


def test_the_click_rate_of_a_headline_ranks_nearly_as_its_true_appeal_does():
    (some, appeal), asked = shown_log(people=800), scenario("shown", "headline", cuts=[0.6, 0.8])
    part = splits.split(some, asked).validation
    race = listed_race(part, asked)
    assert [each.name for each in race.tuned] == [CLICK_RATE, CLICKS, RANDOM]
    assert len(race.tuned[0].tried) == 4
    ranked = race.ranked(part, asked)
    [true] = ranked_within(part.cases, lambda rows, candidates: [appeal[candidates]])
    first = {name: HitFirst()(lists, part.cases).mean() for name, lists in {**ranked, "true": true}.items()}
    assert first[CLICK_RATE] == pytest.approx(first["true"], abs=0.04)
    assert first[RANDOM] == pytest.approx(0.2, abs=0.04)
    assert first[CLICK_RATE] > first[RANDOM] + 0.15


def test_only_a_cases_own_candidates_are_ranked_and_ties_fall_at_random():
    listing = Shown(np.array([0, 3, 5]), np.array([4, 2, 9, 7, 1], np.int32))
    cases = Cases(
        np.arange(2), np.ones(2, int), np.full(2, np.nan), np.arange(3), np.array([9, 7], np.int32), listing
    )
    [by_id, flipped] = ranked_within(cases, lambda rows, items: [items, -items], 2, k=4)
    assert by_id.tolist() == [[9, 4, 2, -1], [7, 1, -1, -1]]
    assert flipped.tolist() == [[2, 4, 9, -1], [1, 7, -1, -1]]
    firsts = {
        int(ranked_within(cases, lambda rows, items: [items * 0], seed=seed)[0][0, 0]) for seed in range(30)
    }
    assert firsts == {4, 2, 9}


def test_a_log_that_a_protocol_cannot_ask_is_told_what_it_lacks():
    timeless = log([(0, 0, "view", None, 1), (0, 1, "purchase", None, 2)])
    with pytest.raises(InputError, match="'rolling' but the events have no time"):
        splits.split(timeless, scenario("rolling", "fresh"))
    with pytest.raises(InputError, match="'shown' needs an order"):
        splits.split(log([(0, 0, "view", None, 0)]), scenario("shown", "headline"))
    old = log([(0, 0, "view", 0, 1), (1, 1, "purchase", 1, 1), (1, 0, "purchase", 30, 2)])
    with pytest.raises(InputError, match=r"nothing is left to ask .*the item was not alive: "):
        splits.split(old, scenario("rolling", "fresh", cuts=[0.1, 0.5]))
