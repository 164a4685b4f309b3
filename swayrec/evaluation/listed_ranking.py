"""Ranking within the candidates of each case."""

from collections.abc import Callable, Sequence

import numpy as np

from swayrec.evaluation.parts import Cases
from swayrec.learning.baselines.ranking import best

BLOCK = 256
"""Cases that are scored at a time."""

Scores = Callable[[np.ndarray, np.ndarray], Sequence[np.ndarray]]
"""Scores float[B, M], one array a system, of the candidates int32[B, M] (-1 = none) of the cases int64[B]."""


def ranked_within(
    cases: Cases, scores: Scores, systems: int = 1, k: int = 10, seed: int = 0, block: int = BLOCK
) -> list[np.ndarray]:
    """The best ``k`` candidates of every case, by each of several systems.

    Args:
        cases: with their own candidates.
        scores: of the candidates; what it gives for -1 is not looked at.
        systems: how many arrays ``scores`` returns.
        k: how many items.
        seed: of the random order of ties.
        block: how many cases are scored at a time.

    Returns:
        int32[C, k] a system, -1 after the last.

    Raises:
        ValueError: the cases bring no candidates.
    """
    if cases.listed is None:
        raise ValueError("these cases bring no candidates of their own")
    random = [np.random.default_rng(seed) for _ in range(systems)]
    ranked = [np.full((len(cases), k), -1, np.int32) for _ in range(systems)]
    for start in range(0, len(cases), block):
        rows = np.arange(start, min(start + block, len(cases)))
        candidates = cases.listed.of(rows)
        for system, found in enumerate(scores(rows, candidates)):
            held = np.where(candidates >= 0, found, -np.inf)
            place = best(held, k, None, random[system])
            item = np.take_along_axis(candidates, np.maximum(place, 0), 1)
            ranked[system][rows] = np.where(place >= 0, item, -1)
    return ranked
