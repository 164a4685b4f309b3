"""What the tested model says of cases that bring their own candidates, with the person's past and without it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.evaluation.asking import ask_lists
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Part
from swayrec.evaluation.selection import gain
from swayrec.learning.export import ExportedModel
from swayrec.learning.exports import newest
from swayrec.learning.learned import Learned
from swayrec.learning.rows import everyone_of
from swayrec.operations.training.fitted import Fitted
from swayrec.operations.training.listed_ranking import ranked_lists
from swayrec.operations.training.stages import Items
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

RULES = {
    "rolling": (
        "Every case is asked at its own instant: only what happened strictly before it is known, by anyone. Candidates "
        "are the items whose first event lies within the days that split.alive_days gives, less what the person met.",
        "The model is asked in memory, with everyone's counts as of each instant; what serves it gets its tables, and "
        "so its counts, as often as they are refreshed.",
    ),
    "shown": (
        "Every list is ranked within itself. Its user is none of those whose events the model was fitted on and the "
        "counts were made of.",
    ),
}
"""How cases of each protocol are asked, for the report."""


@dataclass(frozen=True)
class ListedAnswers:
    """``ranked`` and ``without_past`` int32[C, k], -1 = nothing; ``milliseconds`` of one query through the exported
    model, None where it was asked in memory.
    """

    ranked: np.ndarray
    without_past: np.ndarray
    milliseconds: float | None

    def of_past(self, part: Part, k: int) -> str:
        """How much of the quality is there without the person's past, and what the past adds, in words."""
        metric = NDCG(k)
        whole, without = (metric(each, part.cases) for each in (self.ranked, self.without_past))
        added = gain(whole, without, part.cases.users)
        return (
            f"{without.mean():.4f} of {whole.mean():.4f}; the past adds {added.mean:+.4f} "
            f"[{added.low:+.4f}, {added.high:+.4f}]"
        )


def listed_answers(
    scenario: Scenario,
    dataset: Dataset,
    influence: Path,
    model_test: Path,
    part: Part,
    k: int,
    say: Callable[[str], None],
) -> ListedAnswers:
    """Asks the model that was fitted before the part: through its export where its tables stand for every instant.

    Args:
        influence: what `fit_influence` wrote.
        model_test: the exported model.
        part: the test part.
        k: how many items.
        say: told of progress.

    Raises:
        InputError: a list is longer than the exported model takes.
    """
    fitted = Fitted.load(influence / part.name)
    scoring, weights = fitted.scoring(Learned.layout_of(newest(model_test))), [fitted.solution.w]
    everyone = everyone_of(part.known, scenario, Items(dataset, None).of(part.known))
    [without] = ranked_lists(scoring, weights, part, everyone, scenario, k, emptied=True)
    if everyone is not None:
        [ranked] = ranked_lists(scoring, weights, part, everyone, scenario, k)
        say(f"asked {len(ranked):,} cases in memory, each at its own instant")
        return ListedAnswers(ranked, without, None)
    answers = ask_lists(ExportedModel.load(model_test), part, k)
    say(f"asked {len(answers.ranked):,} lists, {answers.milliseconds:.1f} ms each")
    return ListedAnswers(answers.ranked, without, answers.milliseconds)
