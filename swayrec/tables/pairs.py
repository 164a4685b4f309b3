"""A raw file of users and items that belong together: the held-out pairs of a published split."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from swayrec.tables import columns
from swayrec.tables.engine import connect
from swayrec.tables.errors import InputError
from swayrec.tables.reading import open_raw
from swayrec.tables.rows import REASON, ROW


def read_pairs(path: Path, user: str, item: str) -> pa.Table:
    """The pairs of a file in any raw format, in its order, with ids as the ingest reads them.

    Args:
        path: the file.
        user: its column with the user.
        item: its column with the item.

    Returns:
        user_id and item_id, both string.

    Raises:
        InputError: the file or a column is missing or broken, or a row is bad: what others measured on all of
            the file is not to be compared with a part of it.
    """
    with tempfile.TemporaryDirectory(prefix="swayrec-pairs-") as work:
        engine = connect(Path(work))
        try:
            raw = open_raw(engine, path, Path(work))
            for column in (user, item):
                if column not in raw.columns:
                    raise InputError(f"{path}: there is no column {column}; it has {', '.join(raw.columns)}")
            ids = columns.identifiers(raw, [user, item])
            asked = raw.table.select(ROW, user_id=ids[user], item_id=ids[item]).order_by(ROW)
            found = asked.to_pyarrow()
        finally:
            engine.disconnect()
    faults = []
    if raw.unreadable is not None:
        first = raw.unreadable.sort_by(ROW).slice(0, 1).to_pylist()[0]
        faults.append((first[ROW], first[REASON]))
    for name, column in (("user_id", user), ("item_id", item)):
        missing = found.filter(pc.is_null(found[name]))
        if len(missing):
            faults.append((missing[ROW][0].as_py(), f"no {column}"))
    if faults:
        row, why = min(faults)
        raise InputError(f"{path}: row {row} is bad ({why}); mend it, or remove the row")
    return found.select(["user_id", "item_id"])
