"""The ledger: every touch of a test split is written down with the hash of the settings that touched it."""

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from swayrec.tables.errors import InputError


@dataclass(frozen=True)
class Touch:
    """One line: which part of which scenario, by settings with which hash, when (ISO 8601), and why.

    ``data`` is the fingerprint of the data set: the same part of other data is another part.
    """

    scenario: str
    part: str
    data: str
    settings: str
    time: str
    note: str = ""

    @property
    def what(self) -> tuple[str, str, str, str]:
        """What must differ for a touch to be a new one."""
        return (self.scenario, self.part, self.data, self.settings)


@dataclass(frozen=True)
class Ledger:
    """A file of JSON lines that is only ever added to."""

    path: Path

    def touches(self) -> list[Touch]:
        """Every touch so far, oldest first.

        Raises:
            InputError: a line of the file is no touch.
        """
        if not self.path.exists():
            return []
        found = []
        for number, line in enumerate(self.path.read_bytes().splitlines(), start=1):
            try:
                found.append(Touch(**json.loads(line)))
            except (ValueError, TypeError):
                raise InputError(
                    f"{self.path}: line {number} is no entry of the ledger of test touches; restore the file"
                ) from None
        return found

    def touch(
        self,
        scenario: str,
        part: str,
        data: str,
        settings: Mapping[str, Any],
        now: datetime,
        note: str = "",
    ) -> tuple[Touch, bool]:
        """Writes a touch down before the part is looked at.

        Args:
            scenario: its name.
            part: such as test.
            data: the fingerprint of the data set.
            settings: everything that decides the numbers: the scenario's JSON and the code's settings.
            now: the time of the touch.
            note: why.

        Returns:
            The touch, and whether it is new: the same settings on the same part of the same data run again
            are no new touch, and nothing is written.
        """
        entry = Touch(scenario, part, data, fingerprint(settings), now.isoformat(timespec="seconds"), note)
        for earlier in self.touches():
            if earlier.what == entry.what:
                return earlier, False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        # One write in append mode: two processes cannot tear each other's line.
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            before, whole = os.fstat(handle).st_size, line.encode("utf-8")
            if os.write(handle, whole) < len(whole):
                # A full disk takes a part; half a line would make the ledger unreadable for good.
                os.ftruncate(handle, before)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fsync(handle)
        finally:
            os.close(handle)
        return entry, True

    def count(self, scenario: str, part: str, data: str) -> int:
        """How many different settings have touched a part of a data set."""
        return len({touch.what for touch in self.touches() if touch.what[:3] == (scenario, part, data)})


def fingerprint(settings: Mapping[str, Any]) -> str:
    """SHA-256 of the settings as JSON with sorted keys, the first 16 digits."""
    text = json.dumps(settings, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
