"""How strong the evidence is, however often one looks: p-values, e-values, and their sum over windows.

A check's null hypothesis in a window is that nothing moved by more than what matters, or by more than usual windows
stray by themselves. Its p-value becomes an e-value, whose expectation under the null is at most 1, by the calibrator of
Vovk and Wang (E-values: calibration, combination and applications, Annals of Statistics 49, 2021). E-values of windows
that follow each other make a Shiryaev-Roberts e-detector (Shin, Ramdas and Rinaldo, E-detectors: a nonparametric
framework for sequential change detection, New England Journal of Statistics in Data Science 2, 2024):
``M = (M + 1) e``, and an alarm where M reaches a bound. Without a change M - n is a supermartingale, so it takes at
least that many windows in the mean to a false alarm. The mean of the e-detectors of C checks is one again, whatever
they depend on; so a bound of C / alpha for each keeps all of them together at alpha false alarms a window.
"""

import math

import numpy as np
from scipy import stats

from swayrec.operations.monitoring.result import Part, Result, Way

LEAST_P = 1e-15
MOST = 1e15
"""What evidence is cut to: beyond it nothing more is to be said."""

FEWEST_USUAL = 4
"""Usual windows below which nothing can be said of how far they stray."""


def strongest(result: Result, tolerance: float) -> tuple[Part, float]:
    """The part of a check that speaks most against its being as usual, and the p-value of the whole check.

    That of the part times the number of parts that could have moved (Bonferroni).
    """
    values = [p_value(part, result.way, tolerance) for part in result.parts]
    place = int(np.argmin(values))
    tried = sum(not part.still for part in result.parts)
    return result.parts[place], min(1.0, values[place] * max(tried, 1))


def p_value(part: Part, way: Way, tolerance: float) -> float:
    """The p-value of a change that is no larger than ``tolerance``, or no larger than usual windows have.

    The larger of two: of the change against the tolerance, with its error over users, and of the window as one
    more of the usual ones (Student's t, for a new observation). Rejecting both rejects their union.
    """
    above = (abs(part.change) if way == "both" else part.change) - tolerance
    matters = float(above <= 0) if part.error == 0 else float(stats.norm.sf(above / part.error))
    return max(matters, _strays(part, way), LEAST_P)


def _strays(part: Part, way: Way) -> float:
    count = len(part.usual)
    if count < FEWEST_USUAL:
        return 0.0
    usual = np.array(part.usual)
    strayed = float(usual.std(ddof=1))
    if strayed == 0:
        # All alike to the last digit (never a duplicate, say): what is usual does not stray.
        return 0.0
    # Usual windows that were nearly alike by chance say little of how far the next one may stray; its own error does.
    deviation = max(strayed, part.error)
    far = part.seen - float(usual.mean())
    far, sided = (abs(far), 2.0) if way == "both" else (far, 1.0)
    return min(1.0, sided * float(stats.t.sf(far / (deviation * math.sqrt(1 + 1 / count)), count - 1)))


def e_value(p: float) -> float:
    """The e-value of a p-value: the mixture of all power calibrators, ``(1 - p + p ln p) / (p ln² p)``.

    >>> round(e_value(0.001), 1)
    20.8
    """
    if p > 1 - 1e-4:
        return 0.5
    p = max(p, LEAST_P)
    log = math.log(p)
    return (1 - p + p * log) / (p * log * log)


def gathered(evidence: float, e: float) -> float:
    """The e-detector after one more window."""
    return min((evidence + 1) * e, MOST)


def bound(checks: int, false_alarms: float) -> float:
    """What the evidence of one of so many checks must reach for an alarm, at so many false alarms a window."""
    return checks / false_alarms
