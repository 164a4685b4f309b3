"""The series of verdicts: one JSON file a window in the workspace; what came before decides what comes next."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.operations.monitoring.baseline import Usual
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.tally import GROUPS, Counts
from swayrec.operations.monitoring.window import Window
from swayrec.operations.workspace import written_whole

SCHEMA = 1
SETTLED = 8
"""Windows of a champion, its first ones, that say what is usual of what it shows."""

Verdict = dict[str, Any]


@dataclass(frozen=True)
class Series:
    """The verdicts in a folder; ``damaged`` says which files could not be read."""

    folder: Path
    verdicts: tuple[Verdict, ...]
    damaged: tuple[Sentence, ...]

    @classmethod
    def read(cls, folder: Path) -> "Series":
        """All of them, oldest first; a file that is damaged is told of and left alone."""
        found, damaged = [], []
        for path in sorted(folder.glob("*.json")):
            try:
                told = json.loads(path.read_text(encoding="utf-8"))
                if told["schema"] != SCHEMA:
                    raise ValueError("schema")
                _window(told), told["champion"]["version"], told["state"]["checks"], told["measured"]
            except (OSError, ValueError, TypeError, LookupError):
                damaged.append(
                    Sentence(
                        f"The verdict {path.name} is damaged and was passed over; run its window again.",
                        f"判定文件 {path.name} 已损坏，已跳过；请重新运行该窗口。",
                    )
                )
                continue
            found.append(told)
        return cls(folder, tuple(found), tuple(damaged))

    def of(self, verdict: Verdict) -> Verdict | None:
        """An earlier verdict on the same window."""
        window = _window(verdict)
        return next((told for told in self.verdicts if _window(told) == window), None)

    def before(self, window: Window) -> Verdict | None:
        """The newest verdict on a window that had ended when this one began."""
        earlier = [told for told in self.verdicts if _window(told).end <= window.start]
        return max(earlier, key=lambda told: _window(told).end, default=None)

    def usual(self, window: Window, champion: int, check: str, family: str) -> Usual | None:
        """A family in the first windows of a champion before this one, those left out in which ``check`` gave an alarm.

        None = there is none yet.
        """
        rows: list[list[float]] = []
        labels: tuple[str, ...] = ()
        for told in sorted(self.verdicts, key=lambda told: _window(told).start):
            held = told["measured"].get(family)
            state = told["state"]["checks"].get(check, {})
            if told["champion"]["version"] != champion or _window(told).end > window.start:
                continue
            if held is None or state.get("alarm") or (labels and tuple(held["labels"]) != labels):
                continue
            labels = tuple(held["labels"])
            rows.append(held["sums"])
        if not rows:
            return None
        by_window = np.array(rows[:SETTLED], np.float64)
        return Usual(labels, by_window, np.tile(by_window.mean(0) / GROUPS, (GROUPS, 1)))

    def write(self, verdict: Verdict) -> Path:
        """Puts a verdict in its place; one on the same window is replaced."""
        path = self._path(verdict)
        with written_whole(path) as unfinished:
            unfinished.write_text(json.dumps(verdict, indent=1, ensure_ascii=False), encoding="utf-8")
        return path

    def removed(self, kept: int, newest: Verdict) -> list[str]:
        """Removes the oldest verdicts beyond so many: the ids of their runs in Evidently's workspace.

        What came before is carried by each verdict; the first windows of the champion stay for as long as it serves,
        as they say what is usual of it.
        """
        champion = newest["champion"]["version"]
        ordered = sorted(self.verdicts, key=lambda told: _window(told).start)
        others = [told for told in ordered if _window(told) != _window(newest)]
        first = [told for told in others if told["champion"]["version"] == champion][: 2 * SETTLED]
        old = [told for told in others[: max(len(others) + 1 - kept, 0)] if told not in first]
        for told in old:
            self._path(told).unlink(missing_ok=True)
        return [told["evidently"] for told in old if told.get("evidently")]

    def _path(self, verdict: Verdict) -> Path:
        return self.folder / f"{_window(verdict).name}.json"


def measured(families: dict[str, Counts]) -> dict[str, dict[str, list]]:
    """The totals of families of one window, as a verdict keeps them."""
    return {
        name: {
            "labels": list(counts.labels),
            "sums": [round(float(each), 6) for each in counts.sums.sum((0, 1))],
        }
        for name, counts in families.items()
    }


def _window(told: Verdict) -> Window:
    return Window(float(told["window"]["start"]), float(told["window"]["end"]))
