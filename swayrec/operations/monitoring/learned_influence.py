"""What a champion learned of influence, kept in its reference so that a window's own fit can be set beside it."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.tables.scenario import Scenario

FILE = "influence.npz"


@dataclass(frozen=True)
class LearnedInfluence:
    """The weights of a model's columns, and how they were fitted.

    ``w`` float64[d] and ``covariance`` float64[d, d] clustered by user; ``total`` float64[d] of the training rows;
    ``form`` the name of the scenario's form, ``ridge`` its penalty.
    """

    w: np.ndarray
    covariance: np.ndarray
    total: np.ndarray
    form: str
    ridge: float

    def write(self, folder: Path) -> None:
        """Writes it into a folder."""
        told = json.dumps({"form": self.form, "ridge": self.ridge})
        np.savez_compressed(folder / FILE, w=self.w, covariance=self.covariance, total=self.total, fit=told)

    @classmethod
    def read(cls, folder: Path, scenario: Scenario) -> "LearnedInfluence | None":
        """What :meth:`write` wrote; None where there is none, or the scenario does not have its form any more."""
        if not (folder / FILE).exists():
            return None
        with np.load(folder / FILE) as stored:
            fit = json.loads(str(stored["fit"]))
            read = cls(stored["w"], stored["covariance"], stored["total"], fit["form"], fit["ridge"])
        return read if read.form in {form.name for form in scenario.influence.forms} else None
