"""What the tested model says where every case is asked at an instant of its own, and tables stand for one alone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.evaluation.parts import Part
from swayrec.learning.exports import newest
from swayrec.learning.learned import Learned
from swayrec.learning.rows import everyone_of
from swayrec.operations.training.fitted import Fitted
from swayrec.operations.training.ranking import ranked
from swayrec.operations.training.stages import Items
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

RULES = (
    "Every list ranks the whole catalogue; no candidate is sampled.",
    "The model is asked in memory, with everyone's counts as of each case's instant; what serves it gets its tables, "
    "and so its counts, as often as they are refreshed.",
)
"""How such cases are asked, for the report."""


@dataclass(frozen=True)
class InstantAnswers:
    """``ranked`` int32[C, k], -1 = nothing; no time is told, since no exported model was asked."""

    ranked: np.ndarray
    milliseconds: None = None


def asked_at_each_instant(scenario: Scenario) -> bool:
    """Whether the cases' instants differ from that of the model's tables, and the method minds."""
    return scenario.each_instant and scenario.split.protocol == "last"


def instant_answers(
    scenario: Scenario,
    dataset: Dataset,
    vectors: Path | None,
    influence: Path,
    model_test: Path,
    part: Part,
    k: int,
) -> InstantAnswers:
    """The best items of every case by the model that was fitted before the part.

    Args:
        vectors: of the items' texts, which a network may read.
        influence: what `fit_influence` wrote.
        model_test: the exported model.
        part: the test part.
        k: how many items.
    """
    catalogue = Items.read(scenario, dataset, vectors).of(part.known)
    learned = Learned.load(newest(model_test), catalogue)
    scoring = Fitted.load(influence / part.name).scoring(learned.layout)
    everyone = everyone_of(part.known, scenario, catalogue)
    return InstantAnswers(ranked(scoring, part, scenario, k, learned.network, everyone))
