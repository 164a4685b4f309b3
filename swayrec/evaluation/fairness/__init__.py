"""Fairness: whether groups of users are served as well, and groups of items shown as much, as the others."""

from swayrec.evaluation.fairness.against_the_rest import MINIMUM
from swayrec.evaluation.fairness.calibration import CalibrationGaps, calibration_gaps
from swayrec.evaluation.fairness.choice import Choice, choice_gaps
from swayrec.evaluation.fairness.contrasts import Contrast, Contrasts, Skipped
from swayrec.evaluation.fairness.exposure import Place, by_position, exposure_against_merit, exposure_parity
from swayrec.evaluation.fairness.groups import Groups
from swayrec.evaluation.fairness.multiplicity import holm, one_family
from swayrec.evaluation.fairness.quality import quality_gaps
from swayrec.evaluation.fairness.shown import Shown, Wanted

__all__ = [
    "MINIMUM",
    "CalibrationGaps",
    "Choice",
    "Contrast",
    "Contrasts",
    "Groups",
    "Place",
    "Shown",
    "Skipped",
    "Wanted",
    "by_position",
    "calibration_gaps",
    "choice_gaps",
    "exposure_against_merit",
    "exposure_parity",
    "holm",
    "one_family",
    "quality_gaps",
]
