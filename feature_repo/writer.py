"""The one writer of the online store between publications: histories and items, whole rows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from feast import FeatureStore

from feature_repo.items import item_metadata
from feature_repo.names import HISTORY, METADATA, STAMP
from feature_repo.online_file import OnlineFile
from feature_repo.publication import Publication
from feature_repo.store_down import answered

_NUMBERS = {"time": np.float64, "order": np.int64, "count": np.float32, "value": np.float32}


class FeatureWriter:
    """Writes to a scenario's online store; for one thread. Raises StoreDown where it takes nothing.

    Stamps are microseconds since the epoch. A later row of the same user or item must have a later stamp:
    Redis drops what is not later, without a word.

    Args:
        folder: the scenario's feature folder.

    Raises:
        InputError: nothing was published there.
        OSError: the file of the online store is not there; when writing too, or it is another: make a new writer.
    """

    def __init__(self, folder: Path) -> None:
        Publication.read(folder)
        self._file = OnlineFile(folder)
        self._store = FeatureStore(repo_path=str(folder))

    def histories(self, rows: Sequence[Mapping[str, Any]], stamps: Sequence[int]) -> None:
        """Replaces users' histories.

        Args:
            rows: ``user_id``, ``clock`` and the lists by ``schema.HISTORY_FIELDS``.
            stamps: of the rows.
        """
        # What `push` does, without looking up the source's views each time: a third of its cost (measured).
        self._write(HISTORY, [_typed(row) for row in rows], stamps)

    def items(self, items: pa.Table, stamps: Sequence[int]) -> None:
        """Replaces what people are shown of items: a canonical table of items, and the stamps of its rows."""
        rows = item_metadata(items).drop_columns([STAMP]).to_pylist()
        self._write(METADATA, rows, stamps)

    def _write(self, view: str, rows: Sequence[Mapping[str, Any]], stamps: Sequence[int]) -> None:
        if not self._file.is_there():
            raise OSError("another file stands where the online store's was")
        answered(lambda: self._store.write_to_online_store(view, df=_frame(rows, stamps)))


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of numbers as arrays: in a plain list Feast takes NaN for missing and writes 0, without a word."""
    numbers = {name: np.asarray(row[name], kind) for name, kind in _NUMBERS.items()}
    return {**row, **numbers}


def _frame(rows: Sequence[Mapping[str, Any]], stamps: Sequence[int]) -> pd.DataFrame:
    at = [
        datetime.fromtimestamp(stamp // 1_000_000, UTC).replace(microsecond=stamp % 1_000_000)
        for stamp in stamps
    ]
    return pd.DataFrame([{**row, STAMP: instant} for row, instant in zip(rows, at, strict=True)])
