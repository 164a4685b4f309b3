"""The one writer of the online store: what is in the log, on top of what was published."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Protocol

from serving.event_log import EVENT, ITEM, Entry, EventLog
from serving.intake_metrics import ASIDE, BEHIND, FAILED, FRESH

_log = logging.getLogger(__name__)
_MOST = 500
_LAID_AT_ONCE = 50
"""Users and items laid on a new publication at a time; new events come in between."""

_IDLE = 0.5
_SELDOM = 10.0
_PUSHED, _LAID = "pushed", "laid"

_TRIES = 3
"""Failures in a row after which it is asked whether the store is down, or refuses one row for good."""

_NOBODY = ""
"""No user has this id: a row of nobody's tells whether the store takes anything."""


class Shelf(Protocol):
    """The online store, as far as it is written to here; for one thread. Whatever it raises, it is asked again."""

    def renew(self) -> str:
        """Looks for another publication, or another model; the name of the present state."""

    def push(self, users: Sequence[str], items: Sequence[str], stamp: Callable[[], int]) -> None:
        """Writes the whole rows of users and items, each under a stamp of its own."""


class Pusher:
    """A thread that brings all of the log to a :class:`Shelf`, in the log's order.

    What it has done it notes in the log now and then, so that after a crash the next process goes on from
    there: a row that is written twice is the same. When there is another publication, everyone and everything
    in the log is laid on top of it. A row that a store which takes others refuses again and again is left out,
    counted and told in the log: it keeps nobody else waiting.

    Args:
        log: where entries come from.
        opened: makes the shelf, in the thread (it takes seconds); called again until it succeeds.
    """

    def __init__(self, log: EventLog, opened: Callable[[], Shelf]) -> None:
        self._log = log
        self._opened = opened
        self._shelf: Shelf | None = None
        self._pushed = int(log.noted(_PUSHED) or 0)
        self._laid = log.noted(_LAID)
        self._noted = (self._pushed, self._laid)
        self._aim = self._laid
        self._to_lay: deque[tuple[str, str]] = deque()
        self._waiting: deque[tuple[int, Future[bool]]] = deque()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._looked = self._complained = 0.0
        self._failures = 0
        self.ready = False
        self._thread = threading.Thread(target=self._run, name="pusher", daemon=True)

    def start(self) -> None:
        """Begins with what an earlier process left."""
        self._thread.start()

    @property
    def pushed(self) -> int:
        """The sequence up to which the online store has the log."""
        return self._pushed

    def shown(self, sequence: int) -> "Future[bool]":
        """True when the online store has the entry of this number and all before it; False = it is down."""
        done: Future[bool] = Future()
        with self._lock:
            self._waiting.append((sequence, done))
        self._wake.set()
        return done

    def stop(self) -> None:
        """Finishes the push in hand, and notes how far it came."""
        self._stopped = True
        self._wake.set()
        self._thread.join(10)
        self._note()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            try:
                busy = self._step()
            except Exception as error:
                # The border to a foreign system: whatever it raises, the log keeps what is to be shown.
                FAILED.inc()
                self._failures += 1
                if time.monotonic() >= self._complained:
                    self._complained = time.monotonic() + _SELDOM
                    _log.error("nothing is brought to the online store: %s: %s", type(error).__name__, error)
                self._shelf = None
                self._release(down=True)
                self._wait()
                continue
            self._failures = 0
            self._note()
            if not busy:
                self._wait()

    def _wait(self) -> None:
        self.ready = True
        self._wake.wait(_IDLE)

    def _step(self) -> bool:
        """One push; whether there is more to do."""
        if self._shelf is None:
            self._shelf = self._opened()
            self._looked = 0.0
        self._look(self._shelf)
        entries = self._log.after(self._pushed, _MOST)
        if entries:
            self._push(_subjects(entries, EVENT), _subjects(entries, ITEM))
            self._pushed = entries[-1].sequence
            now = time.time()
            for entry in entries:
                FRESH.observe(max(0.0, now - entry.stamp / 1e6))
        BEHIND.set(max(0, self._log.newest() - self._pushed))
        self._release()
        part = [self._to_lay.popleft() for _ in range(min(_LAID_AT_ONCE, len(self._to_lay)))]
        if part:
            try:
                self._push(*([name for kind, name in part if kind == wanted] for wanted in (EVENT, ITEM)))
            except Exception:
                self._to_lay.extendleft(reversed(part))
                raise
        if not self._to_lay:
            self._laid = self._aim
        return bool(entries or self._to_lay)

    def _look(self, shelf: Shelf) -> None:
        """Every half second: is there another publication?"""
        if time.monotonic() < self._looked + _IDLE:
            return
        self._looked = time.monotonic()
        state = shelf.renew()
        if state != self._aim:
            self._aim = state
            self._to_lay = deque((kind, name) for kind in (EVENT, ITEM) for name in self._log.subjects(kind))

    def _push(self, users: Iterable[str], items: Iterable[str]) -> None:
        assert self._shelf is not None
        users, items = list(users), list(items)
        try:
            self._shelf.push(users, items, self._log.tick)
        except Exception:
            if self._failures < _TRIES or not (users or items):
                raise
            self._push_singly(self._shelf, users, items)

    def _push_singly(self, shelf: Shelf, users: Sequence[str], items: Sequence[str]) -> None:
        """Each row by itself; where the store takes some, or one of nobody's, what it refuses is left out."""
        refused: list[Exception] = []
        taken = 0
        for some in (*(([user], []) for user in users), *(([], [item]) for item in items)):
            try:
                shelf.push(*some, self._log.tick)
                taken += 1
            except Exception as error:
                refused.append(error)
        if refused and not taken:
            shelf.push([_NOBODY], [], self._log.tick)
        if refused:
            ASIDE.inc(len(refused))
            kinds = ", ".join(sorted({type(error).__name__ for error in refused}))
            _log.error("%s rows are left out: the online store refuses them (%s)", len(refused), kinds)

    def _release(self, down: bool = False) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, deque()
        for sequence, done in waiting:
            shown = sequence <= self._pushed
            if not shown and not down:
                with self._lock:
                    self._waiting.append((sequence, done))
            elif done.set_running_or_notify_cancel():
                done.set_result(shown)

    def _note(self) -> None:
        if (self._pushed, self._laid) != self._noted:
            self._noted = (self._pushed, self._laid)
            self._log.note(_PUSHED, str(self._pushed))
            self._log.note(_LAID, self._laid or "")


def _subjects(entries: Sequence[Entry], kind: str) -> dict[str, None]:
    return dict.fromkeys(entry.subject for entry in entries if entry.kind == kind)
