"""How a log appends: one thread writes, and all who came while the disk was busy share the next write."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from serving.event_log import LogDownError, Receipt, Record

_MOST = 2_000
"""Records of one write: the last of them waits for all."""

Work = tuple[Sequence[Record], "Future[list[Receipt]]"]
"""What one caller appends, and what it waits for."""


class Appending:
    """A thread of its own that hands ``write`` what is waiting, at most some 2,000 records at once.

    ``write`` settles every future that it is given; what it raises, all of them fail with.
    """

    def __init__(self, write: Callable[[Sequence[Work]], None]) -> None:
        self._commit = write
        self._work: queue.Queue[Work | None] = queue.Queue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="event log", daemon=True)
        self._thread.start()

    def append(self, records: Sequence[Record]) -> "Future[list[Receipt]]":
        """See :class:`~serving.event_log.EventLog`."""
        done: Future[list[Receipt]] = Future()
        if self._closed:
            done.set_exception(LogDownError("the log is closed"))
        else:
            self._work.put((records, done))
        return done

    def close(self) -> bool:
        """Writes what waits, and an empty rest; False = it was closed already."""
        if self._closed:
            return False
        self._closed = True
        self._work.put(None)
        self._thread.join()
        return True

    def _run(self) -> None:
        going = True
        while going:
            waiting: list[Work] = []
            work = self._work.get()
            while work is not None:
                # A caller who has gone before its turn is not served; after it, nobody can take it back.
                if work[1].set_running_or_notify_cancel():
                    waiting.append(work)
                if sum(len(records) for records, _ in waiting) >= _MOST:
                    break
                try:
                    work = self._work.get_nowait()
                except queue.Empty:
                    break
            going = work is not None
            self._write(waiting)

    def _write(self, waiting: Sequence[Work]) -> None:
        try:
            self._commit(waiting)
        except Exception as error:
            # The border to a foreign system: whatever it raises, nobody may wait for ever.
            for _, done in waiting:
                if not done.done():
                    done.set_exception(LogDownError(f"{type(error).__name__}: {error}"))
