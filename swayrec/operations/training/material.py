"""What every training step starts from: the log over its catalogue, the split, categories and vectors."""

from dataclasses import dataclass
from pathlib import Path

from swayrec.evaluation.parts import Split
from swayrec.evaluation.splits import catalogue, split
from swayrec.learning.layout import Layout, layout
from swayrec.operations.enough import enough
from swayrec.operations.training.stages import Items, Stage, served_log
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from swayrec.tables.scenario import Scenario


@dataclass(frozen=True)
class Material:
    """A scenario's data as the method reads them.

    ``stages``: what is chosen on, what is tested, and what is served, in that order. The first two and
    ``split`` are over the catalogue of the training cut; the last is :func:`served_log`.
    """

    scenario: Scenario
    dataset: Dataset
    split: Split
    stages: tuple[Stage, Stage, Stage]

    def layout(self, form: str | None = None) -> Layout:
        """The columns of one form; without a name the union of the columns of the scenario's forms."""
        asked = self.scenario
        apart = asked.influence.choices.kind in ("touched", "shown")
        forms = [each for each in asked.influence.forms if form in (None, each.name)]
        return layout(forms, asked.behavior_names, asked.targets, leave_own_out=apart, listed=asked.listed)


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
    whole, parts = served_log(scenario, dataset, everything), split(everything, scenario)
    items = Items.read(scenario, dataset, vectors)
    chosen, tested = parts.validation, parts.test
    before = items.of(tested.before)
    return Material(
        scenario,
        dataset,
        parts,
        (
            Stage("validation", chosen.before, chosen.until, before),
            Stage("test", tested.before, tested.until, before),
            Stage("final", whole, whole.end, items.of(whole)),
        ),
    )
