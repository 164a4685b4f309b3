"""Instants that rise, whatever the clock does."""

import threading
import time


class Ticks:
    """Instants in microseconds since the epoch, each later than all before; safe to use from several threads."""

    def __init__(self, newest: int) -> None:
        self._newest = newest
        self._lock = threading.Lock()

    def tick(self) -> int:
        """The time of day, or just after the newest."""
        with self._lock:
            self._newest = max(time.time_ns() // 1_000, self._newest + 1)
            return self._newest

    def newest(self, told: int = 0) -> int:
        """The newest; one that is told from elsewhere counts."""
        with self._lock:
            self._newest = max(self._newest, told)
            return self._newest
