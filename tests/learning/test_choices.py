import numpy as np
import pytest

from swayrec.learning.choices import levels
from tests.small_world import DAY, generated, log, scenario


def asked(kind, repeats=True, **more):
    return scenario(repeats=repeats).with_choices(kind=kind, **more)


def test_a_window_knows_only_what_lies_before_it_and_takes_what_lies_in_it():
    some = generated()
    for number, level in enumerate(levels(some, 60 * DAY, asked("window", levels=3, window_days=7)), 1):
        start = (60 - 7 * number) * DAY
        assert level.now == start
        assert (level.known.time < start).all()
        for choice, user in enumerate(level.users):
            inside = (some.user == user) & (some.time >= start) & (some.time < start + 7 * DAY)
            taken = set(some.item[inside & some.is_behavior(["purchase"])].tolist())
            assert set(level.chosen[level.ends[choice] : level.ends[choice + 1]].tolist()) == taken
            assert level.weight[choice] == pytest.approx(1 / (len(taken) + 5))


def test_peeled_levels_hold_out_the_newest_target_then_the_one_before():
    some = generated()
    target = some.is_behavior(["purchase"])
    for number, level in enumerate(levels(some, 60 * DAY, asked("next", levels=3))):
        for choice, user in enumerate(level.users):
            mine = np.flatnonzero(target & (some.user == user))
            held = mine[-1 - number]
            assert level.chosen[choice] == some.item[held]
            assert level.before[choice] == some.order[held]
        known = level.known
        cut = dict(zip(level.users.tolist(), level.before.tolist(), strict=True))
        assert all(
            order < cut[user] for user, order in zip(known.user, known.order, strict=True) if user in cut
        )


def test_without_order_targets_are_labels_and_the_rest_is_the_past():
    flat = log([(0, 0, "view", None, 0), (0, 1, "view", None, 0), (0, 1, "purchase", None, 0)])
    (level,) = levels(flat, float("nan"), asked("touched"))
    assert level.chosen.tolist() == [1]
    assert level.histories(np.array([0]), 9).behavior[0].tolist() == [0, 0]
    assert len(level.tables_log) == 3


def test_nothing_to_choose_gives_no_level():
    assert not list(levels(log([(0, 0, "view", 1, 1), (0, 1, "view", 2, 2)]), 9 * DAY, asked("next")))


@pytest.mark.parametrize("kind", ["window", "next"])
def test_candidates_that_were_taken_are_labelled_and_padding_never_is(kind):
    some = generated()
    level = next(iter(levels(some, 60 * DAY, asked(kind, window_days=21))))
    part = np.random.default_rng(0).permutation(len(level))[:20]
    candidates = np.tile(np.append(np.arange(len(some.items)), -1).astype(np.int32), (len(part), 1))
    y = level.labels(part, candidates)
    for row, choice in enumerate(part):
        taken = level.chosen[level.ends[choice] : level.ends[choice + 1]]
        assert np.flatnonzero(y[row]).tolist() == sorted(set(taken.tolist()))


@pytest.mark.parametrize("repeats", [True, False])
def test_choices_by_lot_hold_out_a_part_of_everyones_targets_and_every_level_another(repeats):
    some = generated()
    held = []
    for level in levels(some, np.nan, asked("random", repeats=repeats, levels=2, share=0.2)):
        owner = np.repeat(level.users, np.diff(level.ends))
        pairs = owner * len(some.items) + level.chosen
        held.append(set(pairs.tolist()))
        known = level.known.where(level.known.is_behavior(["purchase"]) | (not repeats))
        assert not np.isin(known.pairs(), pairs).any()
        bought = some.where(some.is_behavior(["purchase"]))
        assert np.isin(pairs, bought.pairs()).all()
    assert held[0] != held[1]
