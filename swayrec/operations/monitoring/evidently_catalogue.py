"""How much of the catalogue is shown, and how evenly, as an Evidently metric; importing it imports Evidently."""

from typing import Literal

import numpy as np
import pandas as pd
from evidently.core.datasets import Dataset
from evidently.core.metric_types import SingleValue, SingleValueCalculation, SingleValueMetric
from evidently.core.report import Context

from swayrec.evaluation.metrics import discount, gini
from swayrec.operations.monitoring.fairness_frames import numbers, owners
from swayrec.operations.monitoring.fairness_words import TITLES, Language


class Catalogue(SingleValueMetric):
    """How much of a ``catalogue`` of so many items is shown (``coverage``), or how unevenly (``gini`` of exposure).

    Rows are placements with a ``position``.
    """

    item: str
    position: str
    catalogue: int
    shows: Literal["coverage", "gini"] = "coverage"
    language: Language = "en"


class CatalogueCalculation(SingleValueCalculation[Catalogue]):
    """Makes the number of `Catalogue`."""

    def calculate(
        self, context: Context, current_data: Dataset, reference_data: Dataset | None
    ) -> tuple[SingleValue, SingleValue | None]:
        """The number of the current table and of the reference."""
        return (
            self.result(self._value(current_data.as_dataframe())),
            None if reference_data is None else self.result(self._value(reference_data.as_dataframe())),
        )

    def display_name(self) -> str:
        """Which number."""
        return TITLES[self.metric.language][self.metric.shows]

    def _value(self, frame: pd.DataFrame) -> float:
        position = numbers(frame, self.metric.position)
        shown = ~np.isnan(position)
        what = owners(frame[shown], self.metric.item)
        size = max(self.metric.catalogue, what.count)
        if not shown.any():
            return 0.0
        if self.metric.shows == "coverage":
            return what.count / size
        return gini(np.bincount(what.number, discount(position[shown]), size))
