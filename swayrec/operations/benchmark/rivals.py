"""The baselines of a benchmark: tuned on validation one by one, each kept when it is done, so that a stop loses one."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.evaluation.listed_race import ListedRace, listed_race
from swayrec.evaluation.parts import Part
from swayrec.evaluation.race import Race, tune
from swayrec.evaluation.tuned import Tuned
from swayrec.learning.baselines import BASELINES, BENCHMARKED, named
from swayrec.operations.training.material import Material
from swayrec.operations.training.ranking import K

SELDOM = ("sasrec",)
"""Baselines that take so long that a scenario must ask for them."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Rivals:
    """The baselines that ran, and why the others did not."""

    race: Race | ListedRace

    @property
    def absent(self) -> Mapping[str, str]:
        """The baselines that do not apply, and why."""
        return self.race.absent

    @property
    def titles(self) -> dict[str, str]:
        """What people call each."""
        return {each.name: each.title for each in self.race.tuned}

    def described(self) -> list[dict]:
        """What was chosen for each among how many, as JSON knows it."""
        return [each.describe() for each in self.race.tuned]

    def ranked(self, data: Material, part: Part, say: Say) -> tuple[dict[str, np.ndarray], dict[str, float]]:
        """int32[C, 10] of a part by each, fitted on what the part knows; and the seconds that each took."""
        lists: dict[str, np.ndarray] = {}
        seconds: dict[str, float] = {}
        for each in self.race.tuned:
            start = time.perf_counter()
            if isinstance(self.race, ListedRace):
                lists |= ListedRace((each,)).ranked(part, data.scenario, K)  # type: ignore[arg-type]
            else:
                alone = Race((each,), {})  # type: ignore[arg-type]
                lists |= alone.ranked(part, data.scenario, K, items=data.stages[1].catalogue)
            seconds[each.name] = time.perf_counter() - start
            say(f"{part.name}: {each.title} in {seconds[each.name]:.1f} s")
        return lists, seconds


def rivals(data: Material, folder: Path, more: Sequence[str], less: Sequence[str], say: Say) -> Rivals:
    """Tunes every baseline that applies to a scenario on its validation part.

    Args:
        data: the scenario's.
        folder: where what was chosen is kept; what is there already is not tuned again.
        more: those of ``SELDOM`` that are wanted.
        less: those that are not.
        say: told of progress.
    """
    part, scenario = data.split.validation, data.scenario
    if scenario.listed:
        return Rivals(listed_race(part, scenario, K))
    items = data.stages[0].catalogue
    tuned, absent = [], {}
    for name in (*BASELINES, *BENCHMARKED):
        if name in SELDOM and name not in more:
            continue
        if name in less:
            absent[name] = "left out of this run"
            continue
        reason = named(name).unfit_because(part.known, scenario, items)
        if reason:
            absent[name] = reason
            continue
        path = folder / f"{name}.json"
        if not path.exists():
            found = tune(name, part, scenario, K, items=items)
            found.write(path)
            say(f"validation: {found.title}: NDCG@{K} {found.validation:.4f} in {found.seconds:.1f} s")
        tuned.append(Tuned.read(path))
    return Rivals(Race(tuple(tuned), absent))
