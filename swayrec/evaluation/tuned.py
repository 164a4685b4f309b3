"""A baseline with what validation chose, and how it is kept in a file for a race that goes on later."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.learning.baselines import named
from swayrec.learning.baselines.baseline import Baseline
from swayrec.tables.errors import InputError


@dataclass(frozen=True)
class Tuned:
    """A baseline with what validation chose.

    ``model`` has the chosen settings (fitted on what validation knew, unless it was read from a file);
    ``tried`` holds every setting of the grid with its validation NDCG; ``ndcg`` float64[C] is the chosen
    one's on each validation case. ``seconds`` and ``memory`` (bytes) are what fitting and ranking the whole
    grid cost, as :class:`~swayrec.evaluation.cost.Cost` measures it, all models of the grid held at once.
    """

    name: str
    model: Baseline
    tried: tuple[tuple[dict[str, Any], float], ...]
    ndcg: np.ndarray
    seconds: float
    memory: int

    @property
    def title(self) -> str:
        """What a report calls it."""
        return self.model.title

    @property
    def validation(self) -> float:
        """The chosen setting's mean NDCG on validation."""
        return float(self.ndcg.mean())

    def describe(self) -> dict[str, Any]:
        """What was chosen among how many, as JSON knows it."""
        return {
            "name": self.name,
            "title": self.title,
            "settings": self.model.settings,
            "tried": len(self.tried),
            "validation": self.validation,
            "seconds": self.seconds,
            "memory": self.memory,
        }

    def write(self, path: Path) -> None:
        """Keeps it as JSON; a killed process leaves no half of it under that name."""
        kept = {
            "name": self.name,
            "settings": self.model.settings,
            "tried": self.tried,
            "ndcg": self.ndcg.tolist(),
            "seconds": self.seconds,
            "memory": self.memory,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}")
        unfinished.write_text(json.dumps(kept), encoding="utf-8")
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Tuned":
        """What :meth:`write` kept; its model is not fitted.

        Raises:
            InputError: the file holds no such choice, or one of another version's settings.
        """
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                name=kept["name"],
                model=named(kept["name"])(**kept["settings"]),
                tried=tuple((settings, ndcg) for settings, ndcg in kept["tried"]),
                ndcg=np.array(kept["ndcg"], np.float64),
                seconds=kept["seconds"],
                memory=kept["memory"],
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}: this is not what tuning a baseline left ({error}); delete the file to tune it anew"
            ) from None
