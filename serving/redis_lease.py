"""Which intake has the event log in a Redis: a lease that ends by itself, and the notes of whoever holds it."""

import logging
import threading
import time
import uuid
from typing import Any

import redis

from feature_repo.store_down import told
from serving.redis_scripts import CLAIM, RELEASE
from serving.ticks import Ticks
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)
_LASTS = 3.0
"""Seconds that an intake has the log without renewing; after a crash the next one waits so long."""

_RENEWED = 0.5


class RedisLease:
    """Taken when it is made, waiting for that of an intake that crashed; renewed by a thread of its own.

    With it the newest tick is kept, so that the next holder's are later, and notes.

    Args:
        client: of the Redis.
        name: what its keys begin with.
        ticks: of the log.

    Raises:
        InputError: another intake is at work.
        redis.RedisError: Redis does not answer.
    """

    def __init__(self, client: Any, name: str, ticks: Ticks) -> None:
        self.token = uuid.uuid4().hex
        self.owner, self.state = f"{name}owner", f"{name}state"
        self._kept = f"{name}notes"
        self._redis = client
        self._ticks = ticks
        self._ours_until = 0.0
        self._trouble = ""
        self._lock = threading.Lock()
        self._unwritten: dict[str, str] = {}
        self._ended = threading.Event()
        self._take()
        self._notes: dict[str, str] = client.hgetall(self._kept)
        self._renewing = threading.Thread(target=self._renew, name="event log lease", daemon=True)
        self._renewing.start()

    def is_ours(self) -> bool:
        """Whether nobody else can have the log now."""
        return time.monotonic() < self._ours_until

    def note(self, name: str, value: str) -> None:
        """See :class:`~serving.event_log.EventLog`; written down at the next renewal."""
        with self._lock:
            self._notes[name] = self._unwritten[name] = value

    def noted(self, name: str) -> str | None:
        """See :class:`~serving.event_log.EventLog`."""
        with self._lock:
            return self._notes.get(name)

    def close(self) -> None:
        """Writes the notes down and lets go."""
        self._ended.set()
        self._renewing.join()
        try:
            self._claim()
            self._redis.eval(RELEASE, 1, self.owner, self.token)
        except redis.RedisError as error:
            _log.error("the event log was left as it is: %s", told(error))

    def _take(self) -> None:
        before = deadline = None
        while (left := self._claim()) is not None:
            # Whoever is at work renews it meanwhile; one without an end is nobody's that would ever go.
            deadline = deadline or time.monotonic() + 2 * _LASTS
            if (before is not None and left > before) or time.monotonic() > deadline:
                raise InputError(
                    "another intake is at work on this event log; stop it, or give another Redis database"
                )
            before = left
            time.sleep(_RENEWED / 5)

    def _claim(self) -> int | None:
        """Takes or renews it and writes notes down; else for how many milliseconds another has it."""
        asked_at = time.monotonic()
        with self._lock:
            notes = dict(self._unwritten)
        words = [self.token, round(_LASTS * 1_000), self._ticks.newest()]
        for note in notes.items():
            words += note
        taken, number = self._redis.eval(CLAIM, 3, self.owner, self.state, self._kept, *words)
        if not taken:
            self._ours_until = 0.0
            return int(number)
        self._ticks.newest(int(number))
        self._ours_until = asked_at + _LASTS
        with self._lock:
            for name, value in notes.items():
                if self._unwritten.get(name) == value:
                    del self._unwritten[name]
        return None

    def _renew(self) -> None:
        while not self._ended.wait(_RENEWED):
            try:
                lost = self._claim() is not None
                trouble = (
                    "another intake has it now, and nothing is taken here until it is gone" if lost else ""
                )
            except redis.RedisError as error:
                trouble = f"it does not answer ({told(error)})"
            if trouble and not self._trouble:
                _log.error("the event log: %s", trouble)
            self._trouble = trouble
