"""Columns of lists, made from flat values and the lengths of the lists."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def lists(lengths: np.ndarray, values: pa.Array) -> pa.ListArray:
    """One list a row: ``values`` cut into pieces of ``lengths`` int[n]."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def counts(table: np.ndarray, names: Sequence[str]) -> tuple[pa.ListArray, pa.ListArray]:
    """The names and the numbers above 0 of each row of ``table`` int64[n, len(names)], as parallel lists."""
    row, column = np.nonzero(table)
    lengths = np.bincount(row, minlength=len(table))
    return (
        lists(lengths, pa.array(names, pa.string()).take(pa.array(column))),
        lists(lengths, pa.array(table[row, column], pa.int64())),
    )
