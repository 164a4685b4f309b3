"""A fitted closed form on disk: tables, weights, and what validation chose."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.learning.influence import Solution
from swayrec.learning.layout import Layout
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import ItemTables


@dataclass(frozen=True)
class Fitted:
    """The closed form of one stage: item tables and the weights of the layout's columns."""

    tables: ItemTables
    solution: Solution

    def scoring(self, layout: Layout) -> Scoring:
        """The scoring instance that the stage's model is exported with."""
        return Scoring(self.tables, layout, self.solution.w)

    def save(self, folder: Path) -> None:
        """Writes tables and weights into a folder."""
        self.tables.save(folder)
        np.savez(folder / "weights.npz", w=self.solution.w, covariance=self.solution.covariance)

    @classmethod
    def load(cls, folder: Path) -> "Fitted":
        """Reads what `save` wrote."""
        with np.load(folder / "weights.npz") as stored:
            return cls(ItemTables.load(folder), Solution(stored["w"], stored["covariance"]))


@dataclass(frozen=True)
class Selection:
    """What validation chose: a form and a ridge, and how each of those tried did (mean NDCG@10)."""

    form: str
    ridge: float
    validation: float
    tried: tuple[dict[str, Any], ...]

    def write(self, folder: Path) -> None:
        """Writes selection.json."""
        (folder / "selection.json").write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Selection":
        """Reads selection.json."""
        raw = json.loads((folder / "selection.json").read_text(encoding="utf-8"))
        return cls(**{**raw, "tried": tuple(raw["tried"])})
