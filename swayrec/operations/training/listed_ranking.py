"""How a scoring in memory ranks the candidates that cases bring, each at its own instant."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from swayrec.evaluation.listed_ranking import ranked_within
from swayrec.evaluation.parts import Part
from swayrec.learning.everyone import Everyone
from swayrec.learning.past import to_past
from swayrec.learning.scoring import Scoring
from swayrec.tables.history import Histories, Pasts
from swayrec.tables.scenario import Scenario

K = 10
BATCH = 64


def ranked_lists(
    scoring: Scoring,
    weights: Sequence[np.ndarray],
    part: Part,
    everyone: Everyone | None,
    scenario: Scenario,
    k: int = K,
    *,
    emptied: bool = False,
) -> list[np.ndarray]:
    """int32[C, k] for each of several weights float[d]: the best of every case's own candidates.

    Args:
        scoring: over tables of what lies before the part.
        weights: of its columns.
        part: whose cases bring their candidates.
        everyone: the events that are counted at each case's instant; None = as the tables have them, which hold nothing
            of the cases' own users.
        scenario: how long a history is.
        k: how many items.
        emptied: whether the person's past is held back, to see what is left without it.
    """
    pasts, cases, layout = Pasts(part.known), part.cases, scoring.layout
    columns = np.stack([np.asarray(each, np.float32) for each in weights], 1)

    def scores(rows: np.ndarray, candidates: np.ndarray) -> list[np.ndarray]:
        histories = pasts.at(cases.users[rows], cases.before[rows], scenario.model.history)
        past = to_past(histories, cases.now[rows])
        if emptied:
            past = past.emptied()
        moment = own = None
        if everyone is not None:
            moment = everyone.at(cases.now[rows], candidates, _items(histories, emptied), layout.windows)
        elif layout.leave_own_out:
            own = tf.zeros([*candidates.shape, scoring.types])
        features = scoring.features(past, tf.constant(candidates), own, moment=moment)
        return list(np.moveaxis(features.numpy() @ columns, 2, 0))

    return ranked_within(cases, scores, len(weights), k, block=BATCH)


def _items(histories: Histories, emptied: bool) -> np.ndarray:
    return histories.item[:, :1] if emptied else histories.item
