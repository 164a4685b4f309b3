"""The test part asked of every system, once all is chosen."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.parts import Part
from swayrec.learning.variants import LEARNED
from swayrec.operations.benchmark import closed_forms, network
from swayrec.operations.benchmark.closed_forms import Chosen, FittedStage
from swayrec.operations.benchmark.rivals import Rivals
from swayrec.operations.training.adding import Tried
from swayrec.operations.training.intending import Followed
from swayrec.operations.training.material import Material
from swayrec.operations.training.stages import Stage

MODEL = "swayrec"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Ranked:
    """Every system's lists int32[C, 10] of the test cases, what each is called, how long each took, and the closed
    forms that the newest cases were asked of.
    """

    lists: dict[str, np.ndarray]
    titles: dict[str, str]
    seconds: dict[str, float]
    closed: FittedStage


@dataclass(frozen=True)
class Settled:
    """All that validation chose: what the test part says changes nothing of it."""

    data: Material
    chosen: Mapping[str, Chosen]
    added: Mapping[str, Tried]
    followed: Followed
    tuned: Rivals

    def ranked(self, say: Say) -> Ranked:
        """All rounds of the test, one after the other; a system that is missing in one is left out."""
        stage = self.data.stages[1]
        found = [
            self._round(Stage(stage.name, part.before, part.until, stage.catalogue), part, say)
            for part in self.data.split.rounds
        ]
        newest = found[0]
        names = [name for name in newest.lists if all(name in each.lists for each in found)]
        return Ranked(
            {name: np.concatenate([each.lists[name] for each in found]) for name in names},
            newest.titles,
            newest.seconds,
            newest.closed,
        )

    def _round(self, stage: Stage, part: Part, say: Say) -> Ranked:
        layout = self.data.layout(self.chosen[LEARNED.name].form)
        at_test = closed_forms.fit_again(self.data, stage, self.chosen, say)
        ranked = closed_forms.ranked_by(self.data, at_test, layout, part)
        titles = {name: closed_forms.TITLES[name] for name in ranked}
        seconds = {LEARNED.name: at_test.seconds}
        for name in (each for each, told in self.added.items() if told.kept):
            start = time.perf_counter()
            lists = network.listed(
                name, self.added[name], self.data, stage, layout, at_test, self.followed, part, say
            )
            if lists is not None:
                ranked[name], titles[name] = lists, network.TITLES[name]
                seconds[name] = time.perf_counter() - start
        ranked = {MODEL: ranked[network.served(self.added)], **ranked}
        titles[MODEL] = "Swayrec"
        lists_of, took = self.tuned.ranked(self.data, part, say)
        return Ranked({**ranked, **lists_of}, {**titles, **self.tuned.titles}, {**seconds, **took}, at_test)
