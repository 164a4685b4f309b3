"""Removes posted events that are older than the scenario's retention says, once an hour."""

import logging
import threading
import time
from collections.abc import Callable

from serving.event_log import EventLog, LogDownError
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError
from swayrec.tables.log import DAY

_log = logging.getLogger(__name__)
_HOUR = 3600.0
_AT_ONCE = 5_000
"""Events removed in one step: appends wait that long."""


class Pruning:
    """A thread that prunes a log as long as it is not stopped.

    Args:
        log: the intake's.
        days: for how long events are kept, asked each time; None = for good. Raises InputError.
        pushed: up to which sequence the online store has the log: nothing later is removed.
        every: seconds.
    """

    def __init__(
        self,
        log: EventLog,
        days: Callable[[], float | None],
        pushed: Callable[[], int],
        every: float = _HOUR,
    ) -> None:
        self._log, self._days, self._pushed, self._every = log, days, pushed, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Begins; the first look is at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the step in hand."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def prune(self) -> int:
        """Removes what is too old now; how many events."""
        days = self._days()
        if days is None:
            return 0
        before = round((time.time() - days * DAY) * 1e6)
        gone = 0
        while not self._stop.is_set():
            some = self._log.prune(before, self._pushed(), _AT_ONCE)
            gone += some
            if some < _AT_ONCE:
                break
        if gone:
            _log.warning("%s events older than %g days are removed from the log", f"{gone:,}", days)
        return gone

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.prune()
            except (InputError, LogDownError, OSError) as error:
                _log.error("nothing is removed from the log: %s", error)
            self._stop.wait(self._every)


def events_days(workspace: Workspace) -> float | None:
    """For how many days the scenario of a workspace keeps posted events; None = for good.

    Raises:
        InputError: the scenario cannot be read.
    """
    return scenarios.load(Current.read(workspace).scenario).retention.events_days
