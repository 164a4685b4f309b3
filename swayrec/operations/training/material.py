"""What every training step starts from: the log over its catalogue, the split, categories and vectors."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.evaluation.splits import Split, catalogue, split
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.layout import Layout, layout
from swayrec.learning.vectors import Vectors
from swayrec.operations.enough import enough
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario


@dataclass(frozen=True)
class Stage:
    """A log to fit on, the instant after it in epoch seconds (NaN without a clock), and what its items are."""

    name: str
    log: Log
    now: float
    catalogue: Catalogue


@dataclass(frozen=True)
class Material:
    """A scenario's data as the method reads them.

    ``stages``: what is chosen on, what is tested, and what is served, in that order. The first two and
    ``split`` are over the catalogue of the training cut; the last is all events, over the items that have
    enough events in all of them. ``posted_upto`` is how far the intake's log was read, as the dataset says.
    """

    scenario: Scenario
    split: Split
    stages: tuple[Stage, Stage, Stage]
    posted_upto: int | None = None

    def layout(self, form: str | None = None) -> Layout:
        """The columns of one form; without a name the union of the columns of the scenario's forms."""
        asked = self.scenario
        touched = asked.influence.choices.kind == "touched"
        forms = [each for each in asked.influence.forms if form in (None, each.name)]
        return layout(forms, asked.behavior_names, asked.targets, leave_own_out=touched)


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
    parts = split(everything, scenario)
    items = dataset.items()
    category = dict(zip(items["item_id"].to_pylist(), items["category"].to_pylist(), strict=True))
    stored = Vectors.load(vectors) if scenario.text is not None and vectors is not None else None

    def catalogue_of(log: Log) -> Catalogue:
        return Catalogue(
            [category.get(item) for item in log.items], None if stored is None else stored.of(log.items)
        )

    chosen, tested = parts.validation, parts.test
    before = catalogue_of(tested.known)
    return Material(
        scenario,
        parts,
        (
            Stage("validation", chosen.known, chosen.until, before),
            Stage("test", tested.known, tested.until, before),
            Stage("final", whole, whole.end, catalogue_of(whole)),
        ),
        dataset.posted_upto,
    )
