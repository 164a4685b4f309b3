"""What was known of a user and an item before an instant, of all that may decide who is treated."""

import numpy as np

from swayrec.learning.occurrences import Occurrences
from swayrec.tables.log import DAY, Log, distinct, joined

RECENT_DAYS = 56.0
HALF_LIFE = 28.0
AT_ONCE = 20_000

NAMES = (
    "own events on the item, faded",
    "own events on the item",
    "days since the newest of these",
    "own events on items of the category, faded",
    "own events on items of the category",
    "own events lately",
    "own events lately on what is given at the instant",
    "times treated",
    "everyone's events on the item lately",
)
"""The columns of what is known. Events are target events, lately is within ``RECENT_DAYS``; counts are log(1 + n)."""


class Known:
    """A log laid out for questions about treatments: everything is told from strictly before an instant."""

    def __init__(self, log: Log, category: np.ndarray, treatment: str, targets: tuple[str, ...]) -> None:
        """Lays the log out.

        Args:
            log: with a clock.
            category: int64[items], the category of each item; -1 = none.
            treatment: the behavior that is done to a user.
            targets: the behaviors of the outcome.
        """
        self._items, self._categories = len(log.items), int(category.max(initial=-1)) + 1
        self._category = category.astype(np.int64)
        taken, given = log.where(log.is_behavior(targets)), log.where(log.is_behavior([treatment]))
        user = taken.user.astype(np.int64)
        self._pairs = Occurrences(taken.pairs(), taken.time)
        self._by_user = Occurrences(user, taken.time)
        self._by_item = Occurrences(taken.item.astype(np.int64), taken.time)
        has = self._category[taken.item] >= 0
        self._by_category = Occurrences(self._of_category(user, taken.item)[has], taken.time[has])
        self._given = Occurrences(given.pairs(), given.time)
        self._given_to = Occurrences(given.user.astype(np.int64), given.time)
        self._took = taken.item[self._by_user.event].astype(np.int64)
        self._never = (log.time.max() - log.time.min()) / DAY if len(log) else 0.0
        self._instants = distinct(given.time)
        self._together = distinct(self._at(given.item, np.searchsorted(self._instants, given.time)))

    def active(self, who: np.ndarray, until: np.ndarray, of_items: bool = False) -> np.ndarray:
        """bool[R]: whether a user (or an item) has a target event within ``RECENT_DAYS`` before ``until``."""
        by = self._by_item if of_items else self._by_user
        return by.count(who.astype(np.int64), until - RECENT_DAYS * DAY, until) > 0

    def treated(self, user: np.ndarray, item: np.ndarray, since: np.ndarray, until: np.ndarray) -> np.ndarray:
        """bool[R]: whether the user got the treatment on the item, from ``since`` on and before ``until``."""
        return self._given.count(self._pair(user, item), since, until) > 0

    def taken(self, user: np.ndarray, item: np.ndarray, since: np.ndarray, until: np.ndarray) -> np.ndarray:
        """bool[R]: whether the user has a target event on the item, from ``since`` on and before ``until``."""
        return self._pairs.count(self._pair(user, item), since, until) > 0

    def at(self, user: np.ndarray, item: np.ndarray, instant: np.ndarray, until: np.ndarray) -> np.ndarray:
        """float64[R, F], the columns of ``NAMES``, of what happened strictly before ``until``.

        ``instant`` float64[R] is when the unit is or could be treated, which says what is given together.
        """
        pair, since = self._pair(user, item), until - RECENT_DAYS * DAY
        who, what = user.astype(np.int64), item.astype(np.int64)
        category = np.where(self._category[what] >= 0, self._of_category(who, what), -1)
        columns = [
            self._pairs.faded(pair, until, HALF_LIFE),
            self._pairs.count(pair, -np.inf, until),
            self._pairs.days_since(pair, until, self._never),
            self._by_category.faded(category, until, HALF_LIFE),
            self._by_category.count(category, -np.inf, until),
            self._by_user.count(who, since, until),
            self._given_together(who, instant, until),
            self._given_to.count(who, -np.inf, until),
            self._by_item.count(what, since, until),
        ]
        return np.log1p(np.stack(columns, axis=1))

    def _given_together(self, user: np.ndarray, instant: np.ndarray, until: np.ndarray) -> np.ndarray:
        """int64[R]: the user's events lately on any item that somebody is treated with at the instant."""
        asked, row = np.unique(np.stack([user, instant, until]), axis=1, return_inverse=True)
        found = np.zeros(asked.shape[1], np.int64)
        for start in range(0, asked.shape[1], AT_ONCE):
            who, when, end = asked[:, start : start + AT_ONCE]
            spans = self._by_user.between(who.astype(np.int64), end - RECENT_DAYS * DAY, end)
            query, place = joined(*spans)
            key = self._at(self._took[place], np.searchsorted(self._instants, when)[query])
            spot = np.minimum(np.searchsorted(self._together, key), len(self._together) - 1)
            found[start : start + len(who)] = np.bincount(
                query[self._together[spot] == key], minlength=len(who)
            )
        return found[row.ravel()]

    def _pair(self, user: np.ndarray, item: np.ndarray) -> np.ndarray:
        return user.astype(np.int64) * self._items + item

    def _of_category(self, user: np.ndarray, item: np.ndarray) -> np.ndarray:
        return user.astype(np.int64) * self._categories + self._category[item]

    def _at(self, item: np.ndarray, instant: np.ndarray) -> np.ndarray:
        return item.astype(np.int64) * (len(self._instants) + 1) + instant
