"""A judgment: every number about one part of a split, and the file forms that it is kept in."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.evaluation.bootstrap import Estimate
from swayrec.evaluation.metrics import Lists

METRICS_FILE = "metrics.json"
CASES_FILE = "users.npz"

Estimates = Mapping[str, Estimate]
"""By metric."""


@dataclass(frozen=True)
class SliceResult:
    """A slice's numbers: how many cases, and every system's estimates by metric."""

    group: str
    name: str
    cases: int
    means: Mapping[str, Estimates]


@dataclass(frozen=True)
class Judgment:
    """How the model and the baselines did on a part.

    ``model`` names the system that the others are compared with. ``scores[system][metric]`` is float64[C],
    one value a case; ``users`` the users' ids, str[C]. ``means`` have intervals over users; ``differences``
    hold the model minus each other system, paired. ``lists`` are the numbers of all lists together.
    """

    part: str
    k: int
    model: str
    users: np.ndarray
    truths: int
    scores: Mapping[str, Mapping[str, np.ndarray]]
    means: Mapping[str, Estimates]
    differences: Mapping[str, Estimates]
    lists: Mapping[str, Lists]
    slices: tuple[SliceResult, ...]

    @property
    def systems(self) -> tuple[str, ...]:
        """Every system, the model first."""
        return tuple(self.scores)

    @property
    def baselines(self) -> tuple[str, ...]:
        """Every system but the model."""
        return tuple(name for name in self.scores if name != self.model)

    def best_baseline(self, metric: str = "ndcg") -> str | None:
        """The other system with the highest mean."""
        return max(self.baselines, key=lambda name: self.means[name][metric].mean, default=None)

    def to_json(self) -> dict[str, Any]:
        """All but the values of single cases."""
        return {
            "part": self.part,
            "k": self.k,
            "model": self.model,
            "cases": len(self.users),
            "truths": self.truths,
            "means": _plain(self.means),
            "differences": _plain(self.differences),
            "lists": {name: asdict(value) for name, value in self.lists.items()},
            "slices": [
                {"group": each.group, "name": each.name, "cases": each.cases, "means": _plain(each.means)}
                for each in self.slices
            ],
        }

    def write(self, folder: Path, stem: str = "") -> None:
        """Writes ``metrics.json`` and ``users.npz`` into a folder; ``stem`` goes in front of both names.

        The npz holds ``users`` and float64[C] ``<system>/<metric>``.
        """
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.to_json(), indent=2, ensure_ascii=False)
        (folder / f"{stem}{METRICS_FILE}").write_text(text + "\n", encoding="utf-8")
        arrays: dict[str, Any] = {
            f"{system}/{metric}": values
            for system, by_metric in self.scores.items()
            for metric, values in by_metric.items()
        }
        np.savez_compressed(folder / f"{stem}{CASES_FILE}", users=self.users.astype(str), **arrays)

    @classmethod
    def read(cls, folder: Path, stem: str = "") -> "Judgment":
        """Reads what `write` wrote."""
        raw = json.loads((folder / f"{stem}{METRICS_FILE}").read_text(encoding="utf-8"))
        with np.load(folder / f"{stem}{CASES_FILE}") as arrays:
            scores = {
                system: {metric: arrays[f"{system}/{metric}"] for metric in by_metric}
                for system, by_metric in raw["means"].items()
            }
            users = arrays["users"]
        return cls(
            part=raw["part"],
            k=raw["k"],
            model=raw["model"],
            users=users,
            truths=raw["truths"],
            scores=scores,
            means=_estimates(raw["means"]),
            differences=_estimates(raw["differences"]),
            lists={name: Lists(**value) for name, value in raw["lists"].items()},
            slices=tuple(
                SliceResult(each["group"], each["name"], each["cases"], _estimates(each["means"]))
                for each in raw["slices"]
            ),
        )


def _plain(table: Mapping[str, Estimates]) -> dict[str, dict[str, dict[str, float]]]:
    return {
        system: {metric: asdict(estimate) for metric, estimate in by_metric.items()}
        for system, by_metric in table.items()
    }


def _estimates(raw: dict[str, dict[str, dict[str, float]]]) -> dict[str, dict[str, Estimate]]:
    return {
        system: {metric: Estimate(**value) for metric, value in by_metric.items()}
        for system, by_metric in raw.items()
    }
