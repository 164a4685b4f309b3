"""Who was given something at an instant and who was not: the units that an effect is estimated from."""

from dataclasses import dataclass

import numpy as np

from swayrec.learning.treated_past import Known
from swayrec.tables.errors import InputError
from swayrec.tables.log import DAY, Log, distinct

ACTIVE_DAYS = 56.0
"""A user or an item counts as active with a target event within these days; a unit's past is at least as long."""

ROUNDS = 50
"""Tries to draw a control; where few others are active, a unit stays without."""


@dataclass(frozen=True)
class Units:
    """N units: a user, an item and an instant.

    ``user``, ``item`` int32[N]; ``time`` float64[N], epoch seconds; ``treated`` bool[N]; ``outcome`` float64[N], 1
    where a target event on the item follows within the days, else 0; ``before`` float64[N], the same of the days
    before the instant, which nothing can have caused that happens at it. ``known`` float64[N, F] is what was known
    at the instant, ``known_before`` what was known those days earlier, in the columns of ``treated_past.NAMES``.
    """

    user: np.ndarray
    item: np.ndarray
    time: np.ndarray
    treated: np.ndarray
    outcome: np.ndarray
    before: np.ndarray
    known: np.ndarray
    known_before: np.ndarray

    def __len__(self) -> int:
        return len(self.user)


def units(
    log: Log,
    category: np.ndarray,
    treatment: str,
    targets: tuple[str, ...],
    days: float = 14,
    most: int = 50_000,
    controls: int = 2,
    seed: int = 0,
) -> Units:
    """The units of a treatment: some of those who got it, and others who at the same instant did not.

    Treated is a user who gets the treatment on an item at an instant, and did not within ``days`` before. Controls are
    other users, drawn for the same item and instant, who do not get it within ``days`` before or after. All are active
    before the days before the instant, so that neither outcome decides who is looked at.

    Args:
        log: with a clock.
        category: int64[items], the category of each item; -1 = none.
        treatment: the behavior that is done to a user.
        targets: the behaviors of the outcome.
        days: of the outcome.
        most: treated units; more are sampled.
        controls: drawn for each treated unit.
        seed: of all draws.

    Raises:
        InputError: there is no clock, or nothing to compare.
    """
    if not log.has_clock:
        raise InputError("an effect needs to know what came first: name a time column for every source")
    random, window = np.random.default_rng(seed), days * DAY
    known = Known(log, category, treatment, targets)
    given = log.where(log.is_behavior([treatment]))
    asked = log.is_behavior(targets)
    begin, end = log.time[asked].min(initial=np.inf), log.time[asked].max(initial=-np.inf)
    place = np.lexsort((given.time, given.pairs()))
    user, item, time = given.user[place], given.item[place], given.time[place]
    inside = (time - window - ACTIVE_DAYS * DAY >= begin) & (time + window <= end)
    alive = known.active(item, time - window, of_items=True) & known.active(user, time - window)
    first = ~known.treated(user, item, time - window, time)
    repeated = np.zeros(len(user), bool)
    repeated[1:] = (np.diff(user) == 0) & (np.diff(item) == 0) & (np.diff(time) == 0)
    usable = np.flatnonzero(inside & alive & first & ~repeated)
    if len(usable) > most:
        usable = np.sort(random.choice(usable, most, replace=False))
    user, item, time = user[usable], item[usable], time[usable]
    other, of = _controls(known, random, len(log.users), item, time, window, controls)
    if not len(other):
        raise InputError(
            f"no user who got {treatment} can be compared: it takes {days:g} days before and after, "
            f"{ACTIVE_DAYS:g} days of past, and other active users who did not get it"
        )
    # A treated unit without a control has nobody to be compared with.
    kept = distinct(of)
    user = np.concatenate([user[kept], other])
    item, time = (np.concatenate([column[kept], column[of]]) for column in (item, time))
    return Units(
        user,
        item,
        time,
        treated=np.arange(len(user)) < len(kept),
        # What happens at the very instant follows from nothing that happens at it.
        outcome=known.taken(user, item, np.nextafter(time, np.inf), time + window).astype(np.float64),
        before=known.taken(user, item, time - window, time).astype(np.float64),
        known=known.at(user, item, time, time),
        known_before=known.at(user, item, time, time - window),
    )


def _controls(
    known: Known,
    random: np.random.Generator,
    users: int,
    item: np.ndarray,
    time: np.ndarray,
    window: float,
    wanted: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Users who could have been treated, each once an item and instant, and int64 the treated unit of each."""
    of = np.repeat(np.arange(len(item)), wanted)
    drawn = np.full(len(of), -1)
    for _ in range(ROUNDS):
        open_ = np.flatnonzero(drawn < 0)
        if not len(open_):
            break
        tried, row = random.integers(users, size=len(open_)), of[open_]
        fits = known.active(tried, time[row] - window)
        fits &= ~known.treated(tried, item[row], time[row] - window, np.nextafter(time[row] + window, np.inf))
        drawn[open_[fits]] = tried[fits]
    of, drawn = of[drawn >= 0], drawn[drawn >= 0]
    _, once = np.unique(np.stack([drawn, item[of], time[of]]), axis=1, return_index=True)
    once.sort()
    return drawn[once].astype(np.int32), of[once]
