"""The series of verdicts: one JSON file a window in the workspace; what came before decides what comes next."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.operations.monitoring.baseline import Usual
from swayrec.operations.monitoring.evidence import FEWEST_USUAL
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.tally import GROUPS, Counts
from swayrec.operations.monitoring.window import Window
from swayrec.operations.workspace import written_whole

SCHEMA = 1
SETTLED = 8
"""Windows of a champion, its first ones, that say what is usual of what it shows."""

UNUSUAL = 0.01
"""A window in which a check's p-value is below this does not say what is usual for it."""

Verdict = dict[str, Any]


@dataclass(frozen=True)
class Series:
    """The verdicts in a folder, oldest first; ``damaged`` says which files could not be read."""

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
                window_of(told), told["champion"]["version"], told["state"]["checks"], told["measured"]
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

    @property
    def newest(self) -> Verdict | None:
        """The verdict on the last window."""
        return self.verdicts[-1] if self.verdicts else None

    def of(self, verdict: Verdict) -> Verdict | None:
        """An earlier verdict on the same window."""
        window = window_of(verdict)
        return next((told for told in self.verdicts if window_of(told) == window), None)

    def before(self, window: Window) -> Verdict | None:
        """The newest verdict on a window that had ended when this one began."""
        return next(reversed(self._earlier(window)), None)

    def usual(self, window: Window, champion: int, check: str, family: str) -> Usual | None:
        """A family in the first windows of a champion before this one, without those that ``check`` found unusual.

        None = there is none yet.
        """
        mine = [told for told in self._earlier(window) if told["champion"]["version"] == champion]
        rows, labels = _sums(mine, check, family)
        return _usual(rows[:SETTLED], labels) if rows else None

    def usual_before(self, window: Window, champion: int, check: str, family: str) -> Usual | None:
        """A family in the last windows of the champion before this one, as :meth:`usual` gives it.

        None = there are too few, or this champion has served too long by now to be compared with that one.
        """
        earlier = self._earlier(window)
        own = 0
        while own < len(earlier) and earlier[-1 - own]["champion"]["version"] == champion:
            own += 1
        its = earlier[: len(earlier) - own]
        if not its or own >= SETTLED:
            return None
        before = its[-1]["champion"]["version"]
        rows, labels = _sums([told for told in its if told["champion"]["version"] == before], check, family)
        return _usual(rows[-SETTLED:], labels) if len(rows) >= FEWEST_USUAL else None

    def _earlier(self, window: Window) -> list[Verdict]:
        """The verdicts on windows that had ended when this one began, oldest first."""
        return [told for told in self.verdicts if window_of(told).end <= window.start]

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
        others = [told for told in self.verdicts if window_of(told) != window_of(newest)]
        first = [told for told in others if told["champion"]["version"] == champion][: 2 * SETTLED]
        old = [told for told in others[: max(len(others) + 1 - kept, 0)] if told not in first]
        for told in old:
            self._path(told).unlink(missing_ok=True)
        return [told["evidently"] for told in old if told.get("evidently")]

    def _path(self, verdict: Verdict) -> Path:
        return self.folder / f"{window_of(verdict).name}.json"


def measured(families: dict[str, Counts]) -> dict[str, dict[str, list]]:
    """The totals of families of one window, as a verdict keeps them."""
    return {
        name: {
            "labels": list(counts.labels),
            "sums": [round(float(each), 6) for each in counts.sums.sum((0, 1))],
        }
        for name, counts in families.items()
    }


def window_of(told: Verdict) -> Window:
    """The window that a verdict is on."""
    return Window(float(told["window"]["start"]), float(told["window"]["end"]))


def actions_of(told: Verdict) -> Sequence[str]:
    """All that a verdict asks for; one that was written before there were several says it in one word."""
    found: Sequence[str] = told.get("actions", [told["verdict"]])
    return found


def _sums(verdicts: Sequence[Verdict], check: str, family: str) -> tuple[list[list[float]], tuple[str, ...]]:
    """The totals of a family in these windows and its labels, without those that a check found unusual.

    A window that speaks for an alarm is no usual one, though it be too little for an alarm by itself: counted as
    usual, the first window of a fall would hide the next.
    """
    rows: list[list[float]] = []
    labels: tuple[str, ...] = ()
    for told in verdicts:
        held = told["measured"].get(family)
        state = told["state"]["checks"].get(check, {})
        unusual = state.get("alarm") or _p(told, check) < UNUSUAL
        if held is None or unusual or (labels and tuple(held["labels"]) != labels):
            continue
        labels = tuple(held["labels"])
        rows.append(held["sums"])
    return rows, labels


def _p(told: Verdict, check: str) -> float:
    """The p-value of a check in a window; 1 where it was not judged."""
    return next((float(row["p"]) for row in told["checks"] if row["check"] == check and row["judged"]), 1.0)


def _usual(rows: list[list[float]], labels: tuple[str, ...]) -> Usual:
    by_window = np.array(rows, np.float64)
    return Usual(labels, by_window, np.tile(by_window.mean(0) / GROUPS, (GROUPS, 1)))
