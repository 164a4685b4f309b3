"""How many requests a client may make: a token bucket each, in the memory of one process."""

import time
from collections.abc import Callable

MOST_CLIENTS = 10_000


class RateLimit:
    """Each client may make ``burst`` requests at once, and ``rate`` a second for good.

    At most ``most`` clients are remembered; who was away the longest is forgotten first, and begins anew.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        most: int = MOST_CLIENTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate, self._burst, self._most, self._clock = rate, burst, most, clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, client: str) -> float:
        """Counts a request of the client's: 0 = it may be made, else the seconds until one may."""
        now = self._clock()
        left, then = self._buckets.pop(client, (float(self._burst), now))
        left = min(left + (now - then) * self._rate, self._burst)
        may = left >= 1
        self._buckets[client] = (left - may, now)
        if len(self._buckets) > self._most:
            del self._buckets[next(iter(self._buckets))]
        return 0.0 if may else (1 - left) / self._rate
