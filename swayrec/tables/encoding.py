"""Rows that are not UTF-8 are told from those that are, at no cost for good files."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ENCODING = "wrong encoding"
"""The reason that a row with bytes that are not UTF-8 is quarantined for."""


def is_bytes(kind: pa.DataType) -> bool:
    """Whether a column's values are bytes or text that Arrow has not looked into."""
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or is_text(kind)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column's values are said to be text."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def as_text(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, np.ndarray]:
    """A batch whose columns of bytes are text, and which of its rows are not UTF-8.

    Returns:
        The batch with string columns (bad bytes as ``\\xff``), and bool[rows], True where a row had some.
    """
    bad = np.zeros(batch.num_rows, bool)
    columns = []
    for column in batch.columns:
        if is_bytes(column.type):
            column, wrong = _column(column)
            bad |= wrong
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names), bad


def _column(column: pa.Array) -> tuple[pa.Array, np.ndarray]:
    raw = pc.cast(column, pa.binary())
    try:
        return pc.cast(raw, pa.string()), np.zeros(len(raw), bool)
    except pa.ArrowInvalid:
        pass  # some value of this batch is not UTF-8: only such a batch is looked at value by value
    values = raw.to_pylist()
    bad = np.array([value is not None and not _is_utf8(value) for value in values])
    texts = [None if value is None else value.decode("utf-8", "backslashreplace") for value in values]
    return pa.array(texts, pa.string()), bad


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
