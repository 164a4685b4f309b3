"""The model inside BentoML: a service of its own, whose questions are run in batches as they come.

Each question is a row: what one user asks, in the shapes of the signature without the batch's dimension. BentoML
gathers the rows of all callers, and waits for more only as long as that is worth it (adaptive batching).
"""

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import bentoml
import numpy as np
from bentoml._internal.utils.analytics import usage_stats

from serving.faults import numbered
from swayrec.learning.exports import newest
from swayrec.learning.signature import texts
from swayrec.operations.bento import ALIAS, DO_NOT_TRACK

# BentoML tells its makers who serves what, unless it is told not to; `bentoml serve` has looked already.
os.environ.setdefault(DO_NOT_TRACK, "True")
usage_stats.do_not_track.cache_clear()
# BentoML reads a request's fields in a way that pydantic calls old.
warnings.filterwarnings("ignore", module="_bentoml_impl")

Row = dict[str, Any]

MOST_ROWS = 64
"""Rows of a batch."""

PATIENCE = 2.0
"""Seconds that a question waits for its answer; one that cannot be answered within them is refused at once."""

_batched = partial(bentoml.api, batchable=True, max_batch_size=MOST_ROWS, max_latency_ms=int(PATIENCE * 1000))


@bentoml.service(
    name="swayrec-model",
    workers=1,
    threads=2,
    logging={"access": {"enabled": False}},
    traffic={"timeout": 10},
    # BentoML closes the connection after so many requests or seconds, and with it those that are under way.
    runner_connection={"max_requests": 2**53, "max_age": 1e12},
)
class Model:
    """Answers the signatures of the bento's model; warm before it serves."""

    def __init__(self) -> None:
        from serving import servable, warm_up

        logging.getLogger("serving").setLevel(logging.INFO)
        self._servable = servable.load(newest(Path(bentoml.models.get(ALIAS).path)))
        warm_up.warm(self._servable, together=True)

    @_batched()
    def recommend(self, rows: list[Row]) -> list[Row]:
        """The signature `recommend`."""
        return self._answered("recommend", rows)

    @_batched()
    def rank(self, rows: list[Row]) -> list[Row]:
        """The signature `rank`."""
        return self._answered("rank", rows)

    @_batched()
    def explain(self, rows: list[Row]) -> list[Row]:
        """The signature `explain`."""
        return self._answered("explain", rows)

    @_batched()
    def similar(self, rows: list[Row]) -> list[Row]:
        """The signature `similar`."""
        return self._answered("similar", rows)

    def _answered(self, signature: str, rows: Sequence[Row]) -> list[Row]:
        try:
            answered = self._servable.signature(signature).run_arrays(joined(rows))
            return parted({name: texts(values) for name, values in answered.items()})
        except Exception as error:
            # BentoML would write the error's text to the log, which may hold what was asked.
            raise bentoml.exceptions.BentoMLException(
                f"{signature} failed, number {numbered(error)}"
            ) from None


def parted(batch: Mapping[str, np.ndarray]) -> list[Row]:
    """A batch's rows."""
    size = len(next(iter(batch.values())))
    return [{name: values[place] for name, values in batch.items()} for place in range(size)]


def joined(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """The batch of some rows."""
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}
