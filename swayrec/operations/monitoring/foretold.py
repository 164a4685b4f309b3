"""What the champion foretells of people's next events, set beside what came: whether intents can be believed."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from swayrec.learning.calibration import auc, reliability
from swayrec.learning.closed_intent import Moments, moments
from swayrec.learning.queries import queries
from swayrec.learning.signature import Metadata, Query
from swayrec.operations.monitoring.result import Moved, Part, Result
from swayrec.operations.monitoring.window import Window
from swayrec.tables.history import history
from swayrec.tables.log import Log

MOST = 1_000
"""Instants that the champion is asked about, at most."""

FEWEST = 100
BATCH = 64
DRAWS = 200


class Asked(Protocol):
    """An exported model."""

    @property
    def metadata(self) -> Metadata:
        """Its dimensions and names."""

    def recommend(self, queries: Sequence[Query]) -> dict[str, np.ndarray]:
        """The outputs of the signature `recommend`, by name."""


def intent(model: Asked, log: Log, window: Window) -> Result | None:
    """The expected calibration error of each target's intent, over instants of the window, with intervals over users.

    An instant is labelled by what it holds itself, so every label of the window is mature.

    Args:
        model: the champion as it is served.
        log: all events before the window's end.
        window: whose instants count.

    Returns:
        None where the log has no order, or the window too few instants.
    """
    drawn = moments(log, model.metadata.targets, MOST, seed=0, after=window.start)
    if len(drawn) < FEWEST:
        return None
    p = _foretold(model, log, drawn)
    users, place = np.unique(drawn.users, return_inverse=True)
    random = np.random.default_rng(0)
    times = random.multinomial(len(users), np.full(len(users), 1 / len(users)), DRAWS)
    parts = []
    for column, target in enumerate(model.metadata.targets):
        y, foretells = drawn.y[:, column], p[:, column]
        error = reliability(y, foretells).error
        draws = np.array(
            [
                reliability(y[rows], foretells[rows]).error
                for rows in (np.repeat(np.arange(len(y)), count[place]) for count in times)
            ]
        )
        moved = [
            Moved(f"{target}: foretold, then happened", float(foretells.mean()), float(y.mean())),
            Moved(f"{target}: AUC", 0.5, auc(y, foretells)),
        ]
        parts.append(Part.drawn(target, error, draws, (), [each for each in moved if np.isfinite(each.now)]))
    sample = {"instants": len(drawn), "users": len(users)}
    return Result("intent", tuple(parts), "up", sample, "what happened")


def _foretold(model: Asked, log: Log, drawn: Moments) -> np.ndarray:
    """float64[Q, G]: the intents right before each instant."""
    found = []
    for start in range(0, len(drawn), BATCH):
        part = slice(start, start + BATCH)
        pasts = history(log, drawn.users[part], drawn.before[part], model.metadata.history)
        found.append(model.recommend(queries(log, pasts, drawn.now[part]))["intent"])
    return np.concatenate(found).astype(np.float64)
