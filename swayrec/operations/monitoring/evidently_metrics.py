"""Fairness as Evidently metrics: what `swayrec.evaluation` computes, in reports and dashboards.

Each is one number of a table with a test on it, and a table of groups in the HTML. Importing Evidently takes
seconds: import this module where a report is made.
"""

from abc import ABC, abstractmethod
from typing import Literal

import numpy as np
import pandas as pd
from evidently.core.datasets import Dataset
from evidently.core.metric_types import SingleValue, SingleValueCalculation, SingleValueMetric
from evidently.core.report import Context
from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.legacy.renderers.html_widgets import CounterData, WidgetSize, counter, table_data

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness import (
    MINIMUM,
    Contrasts,
    Groups,
    calibration_gaps,
    choice_gaps,
    exposure_against_merit,
    exposure_parity,
    quality_gaps,
)
from swayrec.operations.monitoring.fairness_frames import groups, numbers, owners, placements, wanted
from swayrec.operations.monitoring.fairness_words import (
    HEADS,
    REFERENCE,
    SHOWS,
    TITLES,
    Language,
    Shows,
    rows,
)


class GroupMetric(SingleValueMetric, ABC):
    """Groups of a table's users or items, compared in one number.

    ``user`` and ``group`` are columns; a row without a user stands for a user of its own, one without a group is in
    no number. ``shows`` is the number: the largest ``gap``, its lower ``bound`` (a test on it fails only for a gap
    that is sure), the smallest adjusted ``p`` (a test of `gte(0.05)` raises at most 5 % false alarms), the smallest
    ``ratio``, or how many ``groups`` could be compared. Where none can, it is the number of no gap.
    """

    user: str
    group: str
    shows: Shows = "gap"
    minimum: int = MINIMUM
    draws: int = 1000
    seed: int = 0
    language: Language = "en"

    @abstractmethod
    def contrasts(self, frame: pd.DataFrame) -> Contrasts:
        """The comparison of the table's groups."""

    @abstractmethod
    def title(self) -> str:
        """What is compared, in the report's language."""

    @property
    def bootstrap(self) -> Bootstrap:
        """The resamples."""
        return Bootstrap(self.draws, seed=self.seed)


class QualityGap(GroupMetric):
    """The gap of ``value``, a column with a metric a row (NDCG@10 of a list, say), between groups of users."""

    value: str

    def contrasts(self, frame: pd.DataFrame) -> Contrasts:
        """See :func:`swayrec.evaluation.fairness.quality_gaps`."""
        who = owners(frame, self.user)
        return quality_gaps(
            numbers(frame, self.value),
            who.number,
            groups(frame, self.group, who),
            minimum=self.minimum,
            bootstrap=self.bootstrap,
        )

    def title(self) -> str:
        """What is compared."""
        return TITLES[self.language]["quality"].format(what=self.value, group=self.group)


class CalibrationGap(GroupMetric):
    """The gap of ``probability`` against ``outcome`` (columns) between groups of users.

    ``measure``: ``bias`` = probability - outcome, ``error`` = the calibration error without what is chance.
    """

    probability: str
    outcome: str
    measure: Literal["bias", "error"] = "error"
    bins: int = 10

    def contrasts(self, frame: pd.DataFrame) -> Contrasts:
        """See :func:`swayrec.evaluation.fairness.calibration_gaps`."""
        probability, outcome = numbers(frame, self.probability), numbers(frame, self.outcome)
        who = owners(frame, self.user)
        told = ~np.isnan(probability) & ~np.isnan(outcome)
        found = calibration_gaps(
            probability[told],
            outcome[told],
            who.number[told],
            groups(frame, self.group, who),
            bins=self.bins,
            minimum=self.minimum,
            bootstrap=self.bootstrap,
        )
        return found.bias if self.measure == "bias" else found.error

    def title(self) -> str:
        """What is compared."""
        return TITLES[self.language][self.measure].format(group=self.group)


class ChoiceGap(GroupMetric):
    """The gap in how many different values of ``item`` (items or categories) groups of users are shown.

    Rows are placements, those with a ``position``; ``catalogue`` is how many values there are.
    """

    item: str
    position: str
    catalogue: int

    def contrasts(self, frame: pd.DataFrame) -> Contrasts:
        """See :func:`swayrec.evaluation.fairness.choice_gaps`; items beyond the catalogue's number enlarge it."""
        who, what = owners(frame, self.user), owners(frame, self.item)
        return choice_gaps(
            placements(frame, self.user, what.number, self.position),
            max(self.catalogue, what.count),
            groups(frame, self.group, who),
            minimum=self.minimum,
            bootstrap=self.bootstrap,
        ).coverage

    def title(self) -> str:
        """What is compared."""
        return TITLES[self.language]["choice"].format(what=self.item, group=self.group)


class ExposureGap(GroupMetric):
    """The gap between the share of exposure that groups of items get and what they merit.

    ``group`` is of items. A row is a placement, or, without a ``position``, something that was wanted and not
    shown; ``merit`` says how much it was wanted (0 = it was only shown).
    """

    item: str
    position: str
    merit: str

    def contrasts(self, frame: pd.DataFrame) -> Contrasts:
        """See :func:`swayrec.evaluation.fairness.exposure_against_merit`."""
        what = owners(frame, self.item)
        return exposure_against_merit(
            placements(frame, self.user, what.number, self.position),
            wanted(frame, self.user, what.number, self.merit),
            groups(frame, self.group, what),
            minimum=self.minimum,
            bootstrap=self.bootstrap,
        )

    def title(self) -> str:
        """What is compared."""
        return TITLES[self.language]["merit"].format(group=self.group)


class ExposureParity(GroupMetric):
    """The gap between the share of exposure that groups of items get and their share of the ``catalogue``, items by
    group.
    """

    item: str
    position: str
    catalogue: dict[str, int]

    def contrasts(self, frame: pd.DataFrame) -> Contrasts:
        """See :func:`swayrec.evaluation.fairness.exposure_parity`; a group that is never shown is compared too."""
        what = owners(frame, self.item)
        named = groups(frame, self.group, what)
        everything = tuple(sorted({*named.names, *self.catalogue}))
        place = np.array([everything.index(name) for name in named.names] + [-1], np.int64)
        return exposure_parity(
            placements(frame, self.user, what.number, self.position),
            Groups(everything, place[named.member]),
            catalogue=self.catalogue,
            minimum=self.minimum,
            bootstrap=self.bootstrap,
        )

    def title(self) -> str:
        """What is compared."""
        return TITLES[self.language]["parity"].format(group=self.group)


class GroupCalculation(SingleValueCalculation[GroupMetric]):
    """Makes the number and the table of any `GroupMetric`."""

    def calculate(
        self, context: Context, current_data: Dataset, reference_data: Dataset | None
    ) -> tuple[SingleValue, SingleValue | None]:
        """The number of the current table, with its groups to look at, and that of the reference."""
        found = self.metric.contrasts(current_data.as_dataframe())
        shown = self.result(_value(found, self.metric.shows))
        counters = [CounterData("", f"{shown.value:0.4f}")]
        reference = None
        if reference_data is not None:
            reference = self.result(
                _value(self.metric.contrasts(reference_data.as_dataframe()), self.metric.shows)
            )
            counters.append(CounterData(REFERENCE[self.metric.language], f"{reference.value:0.4f}"))
        shown.widget = [counter(title=self.display_name(), counters=counters), self._table(found)]
        return shown, reference

    def display_name(self) -> str:
        """What is compared, and which number of it."""
        return f"{self.metric.title()}: {SHOWS[self.metric.language][self.metric.shows]}"

    def _table(self, found: Contrasts) -> BaseWidgetInfo:
        language = self.metric.language
        return table_data(
            column_names=HEADS[language],
            data=rows(found, language),
            title=self.metric.title(),
            size=WidgetSize.FULL,
        )


def _value(found: Contrasts, shows: Shows) -> float:
    if shows == "p":
        return found.p
    if shows == "groups":
        return float(len(found.contrasts))
    if shows == "ratio":
        ratios = [each.ratio.mean for each in found.contrasts if not np.isnan(each.ratio.mean)]
        return min(ratios, default=1.0)
    if found.largest is None:
        return 0.0
    return found.largest.mean if shows == "gap" else found.largest.low
