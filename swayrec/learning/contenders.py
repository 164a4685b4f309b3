"""The items that a choice is among: the best of the catalogue, without those that are off the list."""

import numpy as np

from swayrec.learning.event_amounts import EventAmounts
from swayrec.learning.past import Past
from swayrec.learning.retrieval import halved
from swayrec.learning.scoring import Scoring
from swayrec.learning.weighing import Weighing
from swayrec.tables.scenario import Scenario


def gone(before: Past, scenario: Scenario) -> np.ndarray:
    """bool[B, L]: the history rows whose items are off the list: all of them where people take only what is new to
    them, else those of behaviors that the scenario calls seen.
    """
    touched, behavior = before.item.numpy() >= 0, before.behavior.numpy()
    if not scenario.repeats and scenario.influence.choices.kind != "touched":
        return touched
    seen = np.array([name in scenario.seen for name in scenario.behavior_names])
    return touched & (behavior >= 0) & seen[behavior]


def contenders(
    before: Past,
    amounts: EventAmounts,
    scoring: Scoring,
    best: int,
    fresh: int,
    off: np.ndarray,
    also: Weighing | None = None,
) -> np.ndarray:
    """int32[B, M]: the items that a choice is among, in no order; -1 = none.

    Args:
        before: the histories.
        amounts: of these histories.
        scoring: whose weights pick them.
        best: how many of the best.
        fresh: how many more, the best that are not in the history.
        off: bool[B, L], the history rows whose items are not among them.
        also: other weights, by which half of the best are picked.
    """
    influence, base = scoring.score(before, amounts=amounts)
    score = (influence + base).numpy()
    items, size = before.item.numpy(), score.shape[1]
    without = _marked(items, off, score.shape)
    score[without] = -np.inf
    picked = score
    if also is not None:
        influence, base = scoring.score(before, amounts=amounts, by=also)
        picked = halved(score, np.where(without, -np.inf, (influence + base).numpy()), best)
    places = np.argpartition(-picked, min(best, size) - 1, axis=1)[:, :best]
    top = np.where(np.take_along_axis(score, places, 1) > -np.inf, places, -1)
    if fresh:
        new = np.where(_marked(items, items >= 0, score.shape), -np.inf, score)
        np.put_along_axis(new, places, -np.inf, 1)
        never = np.argpartition(-new, min(fresh, size) - 1, axis=1)[:, :fresh]
        never = np.where(np.take_along_axis(new, never, 1) > -np.inf, never, -1)
        top = np.concatenate([top, never], 1)
    return top.astype(np.int32)


def with_anywhere(top: np.ndarray, before: Past, off: np.ndarray, number: int, size: int) -> np.ndarray:
    """int32[B, M + number]: candidates int32[B, M] with some from anywhere in the catalogue of ``size``; -1 = none.

    Weights that were learned among the best alone say anything of the rest, and the best of the whole catalogue are
    ranked by them: on MovieLens-100k after a cut a form with the item's age had NDCG@10 .008 on validation, and .196
    with 25 candidates from anywhere.

    They depend on the history alone, and so not on who is computed beside whom.

    Args:
        top: the candidates so far.
        before: the histories.
        off: bool[B, L], the history rows whose items are not among them.
        number: how many.
        size: N.
    """
    number = min(number, size)
    if not number:
        return top
    items = before.item.numpy()
    real = items >= 0
    start = (np.where(real, items, 0).sum(1, dtype=np.int64) + real.sum(1)) % size
    shuffled = np.random.default_rng(0).permutation(size)
    # Evenly through one order of the catalogue that has nothing to do with the items.
    found = shuffled[(start[:, None] + np.arange(number) * (size // number)) % size]
    known = _marked(top, top >= 0, (len(top), size)) | _marked(items, off, (len(top), size))
    found = np.where(np.take_along_axis(known, found, 1), -1, found)
    return np.concatenate([top, found], 1).astype(np.int32)


def _marked(items: np.ndarray, rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """bool[B, N]: the items int32[B, L] of some rows bool[B, L]."""
    mask = np.zeros(shape, bool)
    mask[np.broadcast_to(np.arange(shape[0])[:, None], items.shape)[rows], items[rows]] = True
    return mask
