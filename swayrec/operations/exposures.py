"""What was shown, kept for good: one line of JSON an answer, in files of an hour.

An answer waits until the system has its line, so what a killed process had answered is kept; a few moments later
the disk has it too. Users stand in it under their pseudonyms.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from swayrec.operations.pseudonym import pseudonyms
from swayrec.tables.log import DAY
from swayrec.tables.schema import EXPOSURES

_log = logging.getLogger(__name__)
HOUR = 3600.0
_SYNC = 0.05


@dataclass(frozen=True)
class Exposure:
    """One answer that was shown: the items in their order, and what they were shown by."""

    request_id: str
    user_id: str | None
    items: Sequence[str]
    scores: Sequence[float]
    model_version: int | None
    level: str
    policy: Sequence[str]
    variant: str | None = None


class ExposureFiles:
    """Appends exposures to files in a folder; several processes may write into one folder, each its own files.

    Args:
        folder: where the files lie; it is made when the first is written.
        secret: the key of the pseudonyms.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._folder, self._secret = folder, secret
        self._file: int | None = None
        self._hour = -1.0
        self._lock = threading.Lock()
        self._dirty = threading.Event()
        self._closed = False
        self._syncing = threading.Thread(target=self._sync, name="exposures", daemon=True)
        self._syncing.start()

    def append(self, shown: Sequence[Exposure], at: float) -> None:
        """Keeps what was shown at an instant (epoch seconds).

        Raises:
            OSError: the disk does not take it.
        """
        users = pseudonyms([one.user_id or "" for one in shown], self._secret)
        lines = [line_of(one, user, at) for one, user in zip(shown, users, strict=True)]
        written = "".join(lines).encode()
        with self._lock:
            file = self._opened(at)
            try:
                while written:
                    written = written[os.write(file, written) :]
            except OSError:
                # Half a line may stand there: only the last of a file may be one.
                os.close(file)
                self._file = None
                raise
        self._dirty.set()

    def close(self) -> None:
        """Ends it; the disk has all."""
        self._closed = True
        self._dirty.set()
        self._syncing.join()
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _opened(self, at: float) -> int:
        hour = at // HOUR
        if self._file is None or hour != self._hour:
            if self._file is not None:
                os.fsync(self._file)
                os.close(self._file)
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(
                self._folder / file_name(hour), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640
            )
            self._hour = hour
        return self._file

    def _sync(self) -> None:
        while not self._closed or self._dirty.is_set():
            self._dirty.wait()
            self._dirty.clear()
            with self._lock:
                held = None if self._file is None else os.dup(self._file)
            if held is not None:
                try:
                    os.fsync(held)
                except OSError as error:
                    _log.error("exposures are not on the disk yet: %s", error)
                finally:
                    os.close(held)
            if not self._closed:
                time.sleep(_SYNC)


def read(folder: Path, since: float | None = None, until: float | None = None) -> pa.Table:
    """The exposures between two instants (epoch seconds; ``since`` <= instant < ``until``), one row an item.

    A line that a crash left unfinished is the last of its file and was never answered: it is left out.
    """
    batches = [EXPOSURES.empty_table()]
    for path in files(folder):
        start = _start(path)
        if (until is not None and start >= until) or (since is not None and start + HOUR <= since):
            continue
        kept = [
            told
            for told in _lines(path)
            if (since is None or told["at"] >= since) and (until is None or told["at"] < until)
        ]
        batches.append(_table(kept))
    return pa.concat_tables(batches)


def by_variant(folder: Path, experiment: str) -> dict[str, dict[str, int]]:
    """How many answers each side of an experiment has shown, and to how many users."""
    sides: dict[str, list[str]] = {}
    for path in files(folder):
        for told in _lines(path):
            name, _, side = (told["variant"] or "").rpartition("/")
            if name == experiment:
                sides.setdefault(side, []).append(told["user"])
    return {side: {"answers": len(users), "users": len(set(users))} for side, users in sorted(sides.items())}


def of_experiment(folder: Path, experiment: str, since: float) -> Iterator[tuple[str, str, list[str]]]:
    """Side, request id and items of each answer that an experiment has shown since an instant (epoch seconds)."""
    for path in files(folder):
        if _start(path) + HOUR <= since:
            continue
        for told in _lines(path):
            name, _, side = (told["variant"] or "").rpartition("/")
            if name == experiment and told["at"] >= since:
                yield side, told["request_id"], told["items"]


def files(folder: Path) -> list[Path]:
    """The files of a folder, the oldest first."""
    return sorted(folder.glob("*.jsonl"))


def prune(folder: Path, days: float, now: float) -> int:
    """Removes the files that hold nothing younger than ``days``; how many."""
    old = [path for path in files(folder) if _start(path) + HOUR < now - days * DAY]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def line_of(one: Exposure, user: str, at: float) -> str:
    """The line of an answer shown at an instant (epoch seconds) to the user of this pseudonym."""
    told = {
        "at": at,
        "request_id": one.request_id,
        "user": user if one.user_id else "",
        "items": list(one.items),
        "scores": list(one.scores),
        "model_version": one.model_version,
        "level": one.level,
        "policy": list(one.policy),
        "variant": one.variant,
    }
    return line(told)


def line(told: Mapping[str, Any]) -> str:
    """An answer's line."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def file_name(hour: float) -> str:
    """The name of a file of this hour (counted since the epoch), which no other file has."""
    return f"{datetime.fromtimestamp(hour * HOUR, UTC):%Y-%m-%dT%H}-{os.getpid()}-{time.time_ns()}.jsonl"


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


def _start(path: Path) -> float:
    return datetime.strptime(path.name[:13], "%Y-%m-%dT%H").replace(tzinfo=UTC).timestamp()


def _table(lines: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Column by column: a dictionary a row would cost ten times the memory and time."""
    items = pa.array([told["items"] for told in lines], pa.list_(pa.string()))
    scores = pa.array([told["scores"] for told in lines], pa.list_(pa.float32()))
    if items.offsets != scores.offsets:
        raise ValueError("an exposure has not as many scores as items")
    lengths = np.diff(items.offsets.to_numpy())
    of = np.repeat(np.arange(len(lines)), lengths)
    position = np.arange(len(of)) - np.repeat(items.offsets.to_numpy()[:-1], lengths) + 1
    versions = [None if told["model_version"] is None else str(told["model_version"]) for told in lines]
    at = [datetime.fromtimestamp(told["at"], UTC) for told in lines]
    of_list = {
        "request_id": [told["request_id"] for told in lines],
        "user": [told["user"] for told in lines],
        "model_version": versions,
        "level": [told["level"] for told in lines],
        "policy": [",".join(told["policy"]) for told in lines],
        "variant": [told["variant"] for told in lines],
        "timestamp": at,
    }
    of_row: dict[str, pa.Array] = {
        "item_id": items.flatten(),
        "position": pa.array(position, pa.int32()),
        "score": scores.flatten(),
        # The order is not drawn: what was shown would have been shown again.
        "propensity": pa.array(np.ones(len(of)), pa.float32()),
    }
    taken = {name: pa.array(values, EXPOSURES.field(name).type).take(of) for name, values in of_list.items()}
    both = {**of_row, **taken}
    return pa.table([both[name] for name in EXPOSURES.names], EXPOSURES)
