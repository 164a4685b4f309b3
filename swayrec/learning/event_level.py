"""Least squares over events: the reading that asks how well each past event foretells what is taken next.

A row is a past event, its label how alike its item is to what the user took then (METHOD, "the reading that
failed"); what is fitted is the event's weight. It is here to be compared with least squares over choices, and for
people who have a label of events of their own.
"""

from itertools import islice

import numpy as np
import tensorflow as tf

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import levels
from swayrec.learning.influence import NormalEquations
from swayrec.learning.layout import Layout
from swayrec.learning.past import Past
from swayrec.learning.picking import plain_weights
from swayrec.learning.rows import batches, everyone_of
from swayrec.learning.scoring import Scoring
from swayrec.learning.similarities import IDENTITY
from swayrec.learning.tables import item_tables
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

RIDGE = 1e-4


def event_level_weights(
    log: Log, now: float, scenario: Scenario, layout: Layout, catalogue: Catalogue
) -> np.ndarray | None:
    """float64[d]: an event's fitted label, spread through the similarity that gave the labels.

    The similarity is that of the layout's first kernel that is not the identity; its features are the event's
    behavior and decays. All other columns weigh nothing, but for a trace of everyone's counts to fill lists.

    Args:
        log: all events that may be trained on.
        now: the instant after them in epoch seconds (NaN without a clock).
        scenario: kind, levels and candidates of the choices.
        layout: the columns.
        catalogue: what else is known of the log's items.

    Returns:
        None where the layout has only the identity, or there is no choice.
    """
    place = next((n for n, kernel in enumerate(layout.kernels) if kernel.similarity != IDENTITY), None)
    if place is None:
        return None
    kernel, types = layout.kernels[place], len(layout.behaviors)
    size = len(kernel.decays) * types
    found, everyone = NormalEquations.zeros(size), everyone_of(log, scenario, catalogue)
    trace = np.zeros(layout.size)
    # The newest choices alone: the labels of earlier ones say the same, and each level needs tables of its own.
    for level in islice(levels(log, now, scenario), 1):
        tables = item_tables(level.tables_log, level.now, layout, scenario.influence, catalogue)
        scoring = Scoring(tables, layout)
        trace = plain_weights(scoring, level, scenario)
        scoring.set_weights(trace)
        for batch in batches(level, scoring, scenario, everyone=everyone):
            label = _labels(batch.past, batch.candidates, batch.y, scoring, kernel.table)
            phi = scoring.amounts(batch.past).of(kernel)
            kind = tf.one_hot(batch.past.behavior, types)
            rows = tf.reshape(phi[:, :, :, None] * kind[:, :, None, :], [-1, size]).numpy()
            known = (batch.past.item.numpy() >= 0).ravel() & np.repeat(
                (batch.y > 0).any(1), batch.past.item.shape[1]
            )
            found += NormalEquations.of(rows[known], label.ravel()[known])
    if not found.n > 0:
        return None
    scale = np.sqrt(np.maximum(np.diag(found.A) / found.n, 1e-30))
    weights = np.zeros(layout.size)
    weights[layout.block(place)] = found.into(np.diag(1 / scale)).solve(RIDGE) / scale
    weights[layout.base_start :] = trace[layout.base_start :] * 1e-3
    return weights


def _labels(
    past: Past, candidates: np.ndarray, y: np.ndarray, scoring: Scoring, similarity: str
) -> np.ndarray:
    """float64[B, L]: the mean similarity of each past event's item to what was taken."""
    alike = scoring.similar.between(past.item, tf.constant(candidates), similarity)
    taken = tf.constant(y, tf.float32)
    count = tf.maximum(tf.reduce_sum(taken, 1), 1.0)
    found: np.ndarray = (tf.linalg.matvec(alike, taken) / count[:, None]).numpy().astype(np.float64)
    return found
