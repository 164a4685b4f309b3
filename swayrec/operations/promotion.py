"""The step that asks the gate: a new model's cases, and the champion's on what it has not seen."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from swayrec.evaluation import splits
from swayrec.evaluation.judgment import Judgment
from swayrec.evaluation.listed_race import CLICK_RATE, POPULAR
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Part
from swayrec.learning.signature import Metadata, Query
from swayrec.operations.gate import NONE, WINDOWED, Decision, decide, unseen
from swayrec.operations.registry import Registry
from swayrec.operations.version import Version
from swayrec.operations.workspace import Workspace
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

if TYPE_CHECKING:
    from swayrec.learning.export import ExportedModel

METRIC = "ndcg"
POPULARITY = "windowed_popular"
EVER = "popular"
"""What stands for windowed popularity where a log has no clock, and so no window."""

LISTED = (*POPULAR, CLICK_RATE)
"""What stands for it where cases bring their own candidates: the best of these."""

APART = "not compared with the champion, which ranks its whole catalogue and not the candidates of a case"


def judged(scenario: Scenario, workspace: Workspace, dataset: Dataset, evaluation: Path) -> Decision:
    """What the gate says of a model that was evaluated on the dataset's test part.

    Args:
        workspace: its registry holds the champion, if there is one.
        evaluation: the folder that :meth:`Judgment.write` wrote to.
    """
    judgment = Judgment.read(evaluation)
    champion = Registry(workspace).champion(scenario.name)
    scores = fresh = None
    if champion is not None and not scenario.listed:
        part = _test_part(scenario, dataset)
        # As it was trained: the tables of its refreshes hold what happens in the test part.
        fresh = unseen(part.cases.now, Metadata.read(champion.trained).until)
        # Loading TensorFlow and asking the champion is worth it only where there is something to compare.
        scores = _scores(champion, part, scenario, judgment.k) if fresh.any() else np.zeros(len(fresh))
    rival = _popularity(judgment)
    return decide(
        judgment.scores[judgment.model][METRIC],
        judgment.scores[rival][METRIC],
        np.unique(judgment.users, return_inverse=True)[1],
        champion=scores,
        fresh=fresh,
        metric=f"NDCG@{judgment.k}",
        rival=rival.replace("_", " ") if scenario.listed else WINDOWED,
        alone=NONE if champion is None else APART,
    )


def _popularity(judgment: Judgment) -> str:
    of_lists = [name for name in LISTED if name in judgment.scores]
    if of_lists:
        return max(of_lists, key=lambda name: judgment.means[name][METRIC].mean)
    return POPULARITY if POPULARITY in judgment.scores else EVER


def _test_part(scenario: Scenario, dataset: Dataset) -> Part:
    return splits.split(dataset.log(scenario), scenario).test


def _scores(champion: Version, part: Part, scenario: Scenario, k: int) -> np.ndarray:
    """float64[C]: the champion's metric on every case."""
    from swayrec.evaluation.asking import ask
    from swayrec.learning.export import ExportedModel

    model = _Within(ExportedModel.load(champion.trained), part.known.items)
    return NDCG(k)(ask(model, part, scenario.seen, k).ranked, part.cases)


class _Within:
    """A champion asked about another catalogue than its own: foreign items are left out of its lists.

    Its own data may have had other items; a list is to be judged by those that both know.
    """

    def __init__(self, model: "ExportedModel", items: np.ndarray) -> None:
        self._model = model
        self._items = items.astype(str)

    @property
    def metadata(self) -> Metadata:
        """The champion's."""
        return self._model.metadata

    def recommend(self, queries: Sequence[Query]) -> dict[str, np.ndarray]:
        """The champion's lists with '' in the place of foreign items."""
        answer = self._model.recommend(queries)
        known = np.isin(answer["item"].astype(str), self._items)
        return {**answer, "item": np.where(known, answer["item"], "")}
