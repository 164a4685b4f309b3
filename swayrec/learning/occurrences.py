"""What happened in a group between two instants: counted, faded, or when last."""

import numpy as np

from swayrec.tables.log import DAY, distinct, joined


class Occurrences:
    """Events by group and time, laid out once, so that a question is two searches for each row of it.

    ``event`` int64[n] says which of the given events lies at each place of the layout. A group is any whole
    number (a user and an item as one); one that is below 0 or has no event is empty.
    """

    def __init__(self, group: np.ndarray, time: np.ndarray) -> None:
        """Sorts the events.

        Args:
            group: int64[n], at least 0.
            time: float64[n], epoch seconds.
        """
        # A group and an instant are told by their ranks, so that both make one whole number that is not too large.
        self._groups = distinct(group)
        self._instants = distinct(time)
        self._room = len(self._instants) + 1
        self.event = np.lexsort((time, group))
        self._time = time[self.event]
        self._keys = self._key(np.searchsorted(self._groups, group[self.event]), self._time)

    def between(
        self, group: np.ndarray, since: np.ndarray | float, until: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """int64[R] start and stop: the places of the events from ``since`` on and strictly before ``until``."""
        if not len(self._groups):
            return np.zeros(len(group), np.int64), np.zeros(len(group), np.int64)
        rank = np.minimum(np.searchsorted(self._groups, group), len(self._groups) - 1)
        start, stop = (np.searchsorted(self._keys, self._key(rank, instant)) for instant in (since, until))
        return start, np.where(self._groups[rank] == group, np.maximum(start, stop), start)

    def count(self, group: np.ndarray, since: np.ndarray | float, until: np.ndarray) -> np.ndarray:
        """int64[R]: how many events; arguments as of :meth:`between`."""
        start, stop = self.between(group, since, until)
        return stop - start

    def faded(self, group: np.ndarray, until: np.ndarray, half_life: float) -> np.ndarray:
        """float64[R]: events strictly before ``until``, each halved for every ``half_life`` days that it lies back."""
        row, place = joined(*self.between(group, -np.inf, until))
        age = (until[row] - self._time[place]) / DAY
        return np.bincount(row, 0.5 ** (age / half_life), len(group))

    def days_since(self, group: np.ndarray, until: np.ndarray, never: float) -> np.ndarray:
        """float64[R]: days from the newest event strictly before ``until``; ``never`` where there is none."""
        start, stop = self.between(group, -np.inf, until)
        newest = self._time[np.maximum(stop - 1, 0)] if len(self._time) else np.zeros(len(group))
        return np.where(stop > start, (until - newest) / DAY, never)

    def _key(self, rank: np.ndarray, instant: np.ndarray | float) -> np.ndarray:
        return rank * self._room + np.searchsorted(self._instants, instant)
