"""What a report tells of: everything that evaluation found, in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from swayrec.evaluation.judgment import Judgment


@dataclass(frozen=True)
class Choice:
    """Something that validation decided: ``what`` (form, ridge, network), ``chosen``, and ``why``."""

    what: str
    chosen: str
    why: str


@dataclass(frozen=True)
class Findings:
    """The content of a report.

    ``test`` is the judgment that counts, ``later`` one on a window after it. ``titles`` says how each system
    is called. ``influence`` has a row a behavior (name, weight, low, high; optional words). ``baselines`` are
    rows of :meth:`swayrec.evaluation.race.Tuned.describe`, ``absent`` the baselines that do not apply and
    why. ``data`` are pairs of label and value. ``touches`` counts the different settings that have touched
    this test part, this one included. ``milliseconds`` is the time of one query in a batch.
    """

    title: str
    made: str
    test: Judgment
    titles: Mapping[str, str] = field(default_factory=dict)
    later: Judgment | None = None
    influence: Sequence[Mapping[str, Any]] = ()
    choices: Sequence[Choice] = ()
    baselines: Sequence[Mapping[str, Any]] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    data: Sequence[tuple[str, str]] = ()
    rules: Sequence[str] = ()
    touches: int | None = None
    milliseconds: float | None = None

    def called(self, system: str) -> str:
        """How people call a system."""
        return self.titles.get(system, system.replace("_", " ").capitalize())
