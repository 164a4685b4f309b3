"""Many groups are looked at at once: p-values that hold for all of them together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from swayrec.evaluation.fairness.contrasts import Contrasts


def holm(p: np.ndarray) -> np.ndarray:
    """float64[n]: p-values adjusted by Holm (Scandinavian Journal of Statistics 6, 1979).

    Rejecting what is at or below a level rejects any true hypothesis with at most that probability, whatever the
    tests' dependence. That is why it is Holm and not Benjamini and Hochberg: groups against the rest depend
    negatively on each other, which the proof of the latter does not allow, and one false alarm is enough to start
    a retraining or to take a canary back.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p, np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def one_family(results: Sequence[Contrasts]) -> tuple[Contrasts, ...]:
    """The same results with p-values adjusted over all of them: what is looked at together belongs together.

    Two groups that are each other's rest count as one hypothesis.
    """
    counted = [list(each.contrasts[:1] if each.mirrored else each.contrasts) for each in results]
    adjusted = iter(holm(np.array([one.p for contrasts in counted for one in contrasts])).tolist())
    family = []
    for each, contrasts in zip(results, counted, strict=True):
        found = [next(adjusted) for _ in contrasts]
        found *= len(each.contrasts) if each.mirrored else 1
        family.append(
            replace(
                each,
                contrasts=tuple(
                    replace(one, adjusted=value) for one, value in zip(each.contrasts, found, strict=True)
                ),
            )
        )
    return tuple(family)
