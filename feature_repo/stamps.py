"""The instants that rows of features are stamped with."""

import numpy as np
import pyarrow as pa

from swayrec.tables.log import Log
from swayrec.tables.schema import TIMESTAMP

AFTER = 1
"""Microseconds after the instant that a row describes: Feast joins rows at or before the asked instant."""

TIME, ORDER = "time", "order"


def clock(log: Log) -> str:
    """What stamps of this log count: "time", or "order" where it has no clock (one second a step)."""
    return TIME if log.has_clock else ORDER


def stamps(kind: str, time: np.ndarray, order: np.ndarray) -> pa.Array:
    """timestamp[us, UTC][n]: one microsecond after each instant.

    Args:
        kind: :func:`clock` of the log.
        time: float64[n], epoch seconds; looked at where the log has a clock.
        order: int64[n], the rank of the instant; else it stands for that many seconds after the epoch.
    """
    micros = np.rint(time * 1e6).astype(np.int64) if kind == TIME else order.astype(np.int64) * 1_000_000
    return pa.array(micros + AFTER, TIMESTAMP)
