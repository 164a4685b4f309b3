"""Choices to learn from: who stood where, what was known, and what was taken (METHOD section 1, levels)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from swayrec.learning import listed_choices
from swayrec.learning.listed_choices import Listed
from swayrec.learning.listing import Listing, Some
from swayrec.tables.drawn import drawn, without
from swayrec.tables.errors import InputError
from swayrec.tables.history import Histories, history
from swayrec.tables.log import DAY, Log, joined
from swayrec.tables.scenario import Scenario

SEED = 1
"""Of the first level that is drawn by lot; the evaluation's own draws have seed 0."""


@dataclass(frozen=True)
class Level:
    """Choices that may share one set of item tables: all of them lie after what ``known`` holds.

    ``known`` is what is left when the level's choices and all that follow them are taken off every user;
    tables are made from ``tables_log`` as of ``now``. Choice c is of user ``users[c]`` before order
    ``before[c]`` at ``times[c]``; it took the items ``chosen[ends[c]:ends[c + 1]]`` and weighs ``weight[c]``.

    Where choices bring their own candidates they are ``listed``, and ``known`` reaches as far as the choices do: each
    has its own instant. ``apart``: the tables hold no event of the choices' own users.
    """

    known: Log
    tables_log: Log
    now: float
    users: np.ndarray
    before: np.ndarray
    times: np.ndarray
    ends: np.ndarray
    chosen: np.ndarray
    weight: np.ndarray
    targets: tuple[str, ...]
    listed: Listing | None = None
    apart: bool = False

    def __len__(self) -> int:
        return len(self.users)

    def histories(self, part: np.ndarray, length: int) -> Histories:
        """Compacted histories of the choices ``part``, strictly before each."""
        return history(self.known, self.users[part], self.before[part], length)

    def labels(self, part: np.ndarray, candidates: np.ndarray) -> np.ndarray:
        """float32[len(part), M]: 1 where a candidate int32 (-1 = none) was taken."""
        row, place = joined(self.ends[part], self.ends[part + 1])
        if self.listed is not None:
            # Lists are short and may be many, so that the table below would be nearly all zeros.
            items = len(self.known.items) + 1
            asked = np.arange(len(part))[:, None] * items + np.where(candidates >= 0, candidates, items - 1)
            return np.isin(asked, row * items + self.chosen[place]).astype(np.float32)
        # The last column stands for -1, which nobody takes.
        taken = np.zeros((len(part), len(self.known.items) + 1), np.float32)
        taken[row, self.chosen[place]] = 1
        return np.take_along_axis(taken, candidates, axis=1)


def levels(log: Log, now: float, scenario: Scenario) -> Iterator[Level]:
    """The scenario's levels of a training log, the newest first; levels without a choice are passed over.

    Args:
        log: all events that may be trained on, over the catalogue.
        now: the instant after them in epoch seconds (NaN without a clock).
        scenario: kind, number and window of the choices, targets, repeats.
    """
    return (level for level in every_level(log, now, scenario) if len(level))


def every_level(log: Log, now: float, scenario: Scenario) -> Iterator[Level]:
    """The same with those that have no choice, so that levels of parts of a log stand side by side.

    A choice depends on its own user's events alone: the n-th level of a part of the users, ``now`` being that
    of the whole log, has the choices of these users in the n-th level of the whole.
    """
    kind = scenario.influence.choices.kind
    if kind == "window":
        return _windows(log, now, scenario)
    if kind == "next":
        return _peeled(log, now, scenario)
    if kind == "random":
        return _drawn(log, now, scenario)
    if kind == "rolling":
        return _rolling(log, scenario)
    if kind == "shown":
        return _shown(log, now, scenario)
    return _touched(log, now, scenario)


def _windows(log: Log, now: float, scenario: Scenario) -> Iterator[Level]:
    choices = scenario.influence.choices
    target = log.is_behavior(scenario.targets)
    for number in range(1, choices.levels + 1):
        start = now - number * choices.window_days * DAY
        known = log.where(log.time < start)
        ahead = log.where(target & (log.time >= start) & (log.time < start + choices.window_days * DAY))
        pairs = _pairs(ahead, known, scenario.repeats)
        pairs = pairs[:, np.diff(known.offsets())[pairs[0]] > 0]
        yield _of_pairs(pairs, known, start, scenario, prior=5.0)


def _of_pairs(pairs: np.ndarray, known: Log, now: float, scenario: Scenario, prior: float = 0.0) -> Level:
    """A level of one choice a user: all of its items among sorted pairs int64[2, P], after what is known as of ``now``.

    A choice weighs 1 over ``prior`` and its items.
    """
    users, place, size = np.unique(pairs[0], return_index=True, return_counts=True)
    return Level(
        known=known,
        tables_log=known,
        now=now,
        users=users,
        before=known.newest_orders()[users] + 1,
        times=np.full(len(users), now),
        ends=np.append(place, pairs.shape[1]),
        chosen=pairs[1].astype(np.int32),
        weight=1.0 / (size + prior),
        targets=scenario.targets,
    )


def _peeled(log: Log, now: float, scenario: Scenario) -> Iterator[Level]:
    """Level k holds out each user's k-th newest choice; one similarity a level, from what is left."""
    target = np.flatnonzero(log.is_behavior(scenario.targets))
    if not scenario.repeats:
        target = np.intersect1d(target, np.unique(log.pairs(), return_index=True)[1])
    from_end = _rank_from_end(log.user[target])
    for number in range(scenario.influence.choices.levels):
        chosen = target[from_end == number]
        before = np.full(len(log.users), np.iinfo(np.int64).max)
        before[log.user[chosen]] = log.order[chosen]
        known = log.where(log.order < before[log.user])
        has_past = np.diff(known.offsets())[log.user[chosen]] > 0
        chosen = chosen[has_past]
        yield Level(
            known=known,
            tables_log=known,
            now=now,
            users=log.user[chosen].astype(np.int64),
            before=log.order[chosen],
            times=log.time[chosen],
            ends=np.arange(len(chosen) + 1),
            chosen=log.item[chosen],
            weight=np.ones(len(chosen)),
            targets=scenario.targets,
        )


def _drawn(log: Log, now: float, scenario: Scenario) -> Iterator[Level]:
    """Logs without order: each level holds out some of a user's targets by lot, and knows all else."""
    choices = scenario.influence.choices
    for number in range(choices.levels):
        pairs = drawn(log, scenario.targets, choices.share, SEED + number)
        known = without(log, pairs, scenario.targets, repeats=scenario.repeats)
        pairs = pairs[:, np.diff(known.offsets())[pairs[0]] > 0]
        yield _of_pairs(pairs, known, now, scenario)


def _touched(log: Log, now: float, scenario: Scenario) -> Iterator[Level]:
    """Logs without order: what became a target among all that was touched; nothing is peeled."""
    target = log.is_behavior(scenario.targets)
    known = log.where(~target)
    pairs = _pairs(log.where(target), known, repeats=True)
    pairs = pairs[:, np.diff(known.offsets())[pairs[0]] > 0]
    users, place = np.unique(pairs[0], return_index=True)
    yield Level(
        known=known,
        tables_log=log,
        now=now,
        users=users,
        before=log.newest_orders()[users] + 1,
        times=np.full(len(users), np.nan),
        ends=np.append(place, pairs.shape[1]),
        chosen=pairs[1].astype(np.int32),
        weight=np.ones(len(users)),
        targets=scenario.targets,
    )


def _rolling(log: Log, scenario: Scenario) -> Iterator[Level]:
    """The newest choices in stretches of time: what a stretch's tables are made from lies before all of it."""
    choices = scenario.influence.choices
    listed = listed_choices.rolling(log, scenario, newest=choices.newest)
    for part in np.array_split(np.arange(len(listed)), choices.levels)[::-1]:
        start = listed.now[part].min() if len(part) else -np.inf
        before = log.where(log.time < start)
        yield _level(listed, part, log, before, float(start), scenario)


def _shown(log: Log, now: float, scenario: Scenario) -> Iterator[Level]:
    """Parts of the users: a similarity, or a count, of the users who gave the rows would have seen the choice."""
    parts = scenario.influence.choices.levels
    if parts < 2:
        raise InputError(
            f"scenario {scenario.name}: influence.choices.levels is 1, so the rows of all users would meet tables that "
            "have seen their choices; give 2 or more"
        )
    place = np.minimum((listed_choices.shares(log.users, "choices") * parts).astype(int), parts - 1)
    for number in range(parts):
        own = place == number
        listed = listed_choices.shown(log, scenario, own)
        yield _level(
            listed, np.arange(len(listed)), log, log.where(~own[log.user]), now, scenario, apart=True
        )


def _level(
    listed: Listed,
    part: np.ndarray,
    known: Log,
    tables_log: Log,
    now: float,
    scenario: Scenario,
    *,
    apart: bool = False,
) -> Level:
    """A level of the choices ``part``, consecutive ones."""
    low, high = (int(part[0]), int(part[-1]) + 1) if len(part) else (0, 0)
    ends = listed.ends[low : high + 1]
    return Level(
        known=known,
        tables_log=tables_log,
        now=now,
        users=listed.users[part],
        before=listed.before[part],
        times=listed.now[part],
        ends=ends - ends[0],
        chosen=listed.chosen[ends[0] : ends[-1]],
        weight=np.ones(len(part)),
        targets=scenario.targets,
        listed=Some(listed.listing, part),
        apart=apart,
    )


def _pairs(ahead: Log, known: Log, repeats: bool) -> np.ndarray:
    """int64[2, pairs]: distinct (user, item) of ``ahead``, sorted; only new ones unless people repeat."""
    keys = np.unique(ahead.pairs())
    if not repeats:
        keys = np.setdiff1d(keys, known.pairs())
    return np.stack(np.divmod(keys, max(len(ahead.items), 1)))


def _rank_from_end(user: np.ndarray) -> np.ndarray:
    """int64[n]: 0 for the last of each user's rows (sorted by user), 1 for the one before, ..."""
    ends = np.searchsorted(user, user, side="right")
    return ends - 1 - np.arange(len(user))
