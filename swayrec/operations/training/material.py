"""What every training step starts from: the log over its catalogue, the split, categories and vectors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.evaluation.splits import Split, catalogue, split
from swayrec.learning.layout import Layout, layout
from swayrec.learning.vectors import Vectors
from swayrec.operations.enough import enough
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario


@dataclass(frozen=True)
class Stage:
    """A log to fit on and the instant after it in epoch seconds (NaN without a clock)."""

    name: str
    log: Log
    now: float


@dataclass(frozen=True)
class Material:
    """A scenario's data as the method reads them.

    ``split`` and its logs are over the catalogue of the training cut; ``whole`` is all events, over the
    items that have enough events in all of them.
    """

    scenario: Scenario
    split: Split
    whole: Stage
    category_of: dict[str, str]
    vectors: Vectors | None

    @property
    def stages(self) -> tuple[Stage, Stage, Stage]:
        """What is chosen on, what is tested, and what is served, in that order."""
        validation, test = self.split.validation, self.split.test
        return (
            Stage("validation", validation.known, validation.until),
            Stage("test", test.known, test.until),
            self.whole,
        )

    def layout(self, form: str | None = None) -> Layout:
        """The columns of one form; without a name the union of the columns of the scenario's forms."""
        asked = self.scenario
        touched = asked.influence.choices.kind == "touched"
        forms = [each for each in asked.influence.forms if form in (None, each.name)]
        return layout(forms, asked.behavior_names, asked.targets, leave_own_out=touched)

    def categories(self, log: Log) -> list[str | None]:
        """The category of each item of a log, None = none."""
        return [self.category_of.get(item) for item in log.items]

    def vectors_of(self, log: Log) -> np.ndarray | None:
        """float32[N, D], the text vectors of a log's items; None without a language model."""
        return None if self.vectors is None else self.vectors.of(log.items)


def material(scenario: Scenario, dataset: Dataset, vectors: Path | None) -> Material:
    """Reads a dataset and the vectors of its texts (None = they are not needed).

    Raises:
        InputError: too little is left to learn from or to test on.
    """
    everything = dataset.log(scenario)
    enough(everything, scenario)
    kept = catalogue(everything, scenario)
    if not kept.any():
        raise InputError(
            f"scenario {scenario.name}: no item has the {scenario.minimum.item_events} target events before the "
            "training cut that minimum.item_events asks for; lower it"
        )
    count = np.bincount(
        everything.item[everything.is_behavior(scenario.targets)], minlength=len(everything.items)
    )
    whole = everything.only_items(count >= scenario.minimum.item_events)
    items = dataset.items()
    named = zip(items["item_id"].to_pylist(), items["category"].to_pylist(), strict=True)
    stored = Vectors.load(vectors) if scenario.text is not None and vectors is not None else None
    return Material(
        scenario=scenario,
        split=split(everything, scenario),
        whole=Stage("final", whole, whole.end),
        category_of={item: category for item, category in named if category is not None},
        vectors=stored,
    )
