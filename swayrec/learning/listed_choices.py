"""Choices that bring their own candidates, found in a log: first events on items that are alive, and lists shown."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from swayrec.learning.listing import Alive, Listing, Lives, Shown
from swayrec.tables.log import Log, distinct
from swayrec.tables.scenario import Scenario

NOT_ALIVE = "the item was not alive"
NO_PAST = "too little past"
NO_TARGET = "nothing of the list was taken"
ALL_TAKEN = "all of the list was taken"


@dataclass(frozen=True)
class Listed:
    """Choice c of user ``users[c]`` before order ``before[c]`` at ``now[c]`` took ``chosen[ends[c]:ends[c + 1]]`` of
    its list. ``left_out`` counts what could have been a choice, by the reason why it is none.
    """

    users: np.ndarray
    before: np.ndarray
    now: np.ndarray
    ends: np.ndarray
    chosen: np.ndarray
    listing: Listing
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.users)


def rolling(
    log: Log, scenario: Scenario, start: float = -np.inf, stop: float = np.inf, newest: int | None = None
) -> Listed:
    """First target events of a user on an item, at an instant from ``start`` to before ``stop`` (epoch seconds).

    Where people do not repeat, first means that the user had nothing to do with the item before; else it is the first
    from ``start`` on. The item must be alive at the instant, and the user have the past that ``minimum.user_events``
    asks for. Whatever happens after an instant changes nothing about its choice.

    Args:
        log: all events, with a clock.
        scenario: targets, repeats, minimum and ``split.alive_days``.
        start: of the part.
        stop: of the part.
        newest: how many choices to keep, the newest; None = all.
    """
    lives = Lives(log, scenario.split.alive_days)
    inside = (log.time >= start) & (log.time < stop)
    pairs, first = np.unique(log.pairs(), return_index=True)
    target = np.flatnonzero(log.is_behavior(scenario.targets) & inside)
    if not scenario.repeats:
        met = first[np.searchsorted(pairs, log.pairs()[target])]
        target = target[log.order[target] == log.order[met]]
    target = target[np.unique(log.pairs()[target], return_index=True)[1]]
    fresh = lives.alive(log.item[target], log.time[target])
    begin, end = log.spans(log.user[target], log.order[target])
    known = end - begin >= scenario.minimum.user_events
    chosen = target[fresh & known]
    chosen = chosen[np.argsort(log.time[chosen], kind="stable")]
    if newest is not None:
        chosen = chosen[max(len(chosen) - newest, 0) :]
    users, now = log.user[chosen].astype(np.int64), log.time[chosen]
    seen = (None, None) if scenario.repeats else (pairs, log.time[first])
    return Listed(
        users=users,
        before=log.order[chosen],
        now=now,
        ends=np.arange(len(chosen) + 1),
        chosen=log.item[chosen],
        listing=Alive(lives, users, now, *seen),
        left_out={NOT_ALIVE: int((~fresh).sum()), NO_PAST: int((fresh & ~known).sum())},
    )


def shown(log: Log, scenario: Scenario, users: np.ndarray | None = None) -> Listed:
    """Lists that were shown together: what a user was shown or took at one instant, something of it taken.

    Args:
        log: all events, in order: a list is what shares a user and an order.
        scenario: targets, minimum, and ``split.shown``, the behavior that means shown and not taken.
        users: bool[users], whose lists; None = all of them.
    """
    assert scenario.split.shown is not None
    first, instant = log.instants()
    taken, offered = log.is_behavior(scenario.targets), log.is_behavior([scenario.split.shown])
    if users is not None:
        taken, offered = taken & users[log.user], offered & users[log.user]
    items, size = max(len(log.items), 1), len(first)
    truth, candidate = (distinct(instant[each] * items + log.item[each]) for each in (taken, taken | offered))
    truths, candidates = (np.bincount(each // items, minlength=size) for each in (truth, candidate))
    is_list = np.bincount(instant[offered], minlength=size) > 0
    mixed = is_list & (truths > 0) & (candidates > truths)
    begin, end = log.spans(log.user[first], log.order[first])
    kept = mixed & (end - begin >= scenario.minimum.user_events)
    truth, candidate = truth[kept[truth // items]], candidate[kept[candidate // items]]
    lists = np.flatnonzero(kept)
    return Listed(
        users=log.user[first[lists]].astype(np.int64),
        before=log.order[first[lists]],
        now=log.time[first[lists]],
        ends=np.append(0, np.cumsum(truths[lists])),
        chosen=(truth % items).astype(np.int32),
        listing=Shown(np.append(0, np.cumsum(candidates[lists])), (candidate % items).astype(np.int32)),
        left_out={
            NO_TARGET: int((is_list & (truths == 0)).sum()),
            ALL_TAKEN: int((is_list & (truths > 0) & (candidates == truths)).sum()),
            NO_PAST: int((mixed & ~kept).sum()),
        },
    )


def shares(users: np.ndarray, salt: str) -> np.ndarray:
    """float64[users] from 0 to below 1: where each user's id falls by a fixed hash; another salt, another place."""
    digests = [hashlib.sha256(f"{salt}:{user}".encode()).digest()[:6] for user in users]
    return np.array([int.from_bytes(digest, "big") for digest in digests], np.float64) / 2.0**48
