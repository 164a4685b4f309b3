"""Whether a scenario's feature store lies as its publication left it, and what is thrown away where it does not."""

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from swayrec.operations.inventory import Inventory, inventory, is_unchanged
from swayrec.tables.intact import intact

CONFIGURATION = "feature_store.yaml"
REGISTRY = "registry.db"
OFFLINE = "offline"


def configuration(folder: Path) -> dict[str, Any]:
    """The store's settings.

    Raises:
        InputError: the file is damaged. It may be somebody's own, so it is not written over.
    """
    path = folder / CONFIGURATION
    with intact(path, yaml.YAMLError, remedy="mend it, or remove it and run `swayrec train SCENARIO` again"):
        settings: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings["online_store"]["type"]
        return settings


def kept(folder: Path) -> Inventory:
    """What only a publication changes: the online store changes with every event that is pushed."""
    names = (CONFIGURATION, REGISTRY)
    return {
        name: held
        for name, held in inventory(folder).items()
        if name in names or name.startswith(f"{OFFLINE}/")
    }


def online_file(folder: Path) -> Path | None:
    """The file of the online store; None where it is an engine."""
    settings = configuration(folder)["online_store"]
    return folder / settings["path"] if settings["type"] == "sqlite" else None


def is_whole(folder: Path, scenario: str, views: Iterable[str], files: Inventory) -> bool:
    """Whether the files are as they were, and the online store, where it is a file, has each view."""
    if not (folder / CONFIGURATION).exists() or not is_unchanged(files, folder):
        return False
    online = online_file(folder)
    return online is None or {f"{scenario}_{view}" for view in views} <= set(_tables(online))


def remove_damaged(folder: Path, scenario: str) -> None:
    """Removes what cannot be read, so that a publication makes it anew.

    A view's offline file says which rows are online; without it the online store goes too, for it may hold
    rows that nobody has any more.
    """
    from feast.protos.feast.core.Registry_pb2 import Registry
    from google.protobuf.message import DecodeError

    registry, online = folder / REGISTRY, online_file(folder)
    with contextlib.suppress(FileNotFoundError):
        try:
            Registry.FromString(registry.read_bytes())
        except DecodeError:
            registry.unlink()
    if online is None or not online.exists():
        return
    tables = _tables(online)
    views = [table.removeprefix(f"{scenario}_") for table in tables if table.startswith(f"{scenario}_")]
    unreadable = [view for view in views if not _readable(folder / OFFLINE / f"{view}.parquet")]
    for view in unreadable:
        (folder / OFFLINE / f"{view}.parquet").unlink(missing_ok=True)
    if unreadable or not tables:
        for path in online.parent.glob(f"{online.name}*"):
            path.unlink()


def _tables(online: Path) -> list[str]:
    """The tables of a SQLite file; none where there is no file, or one that SQLite cannot read."""
    if not online.is_file():
        return []
    try:
        with contextlib.closing(sqlite3.connect(f"{online.as_uri()}?mode=ro", uri=True)) as connection:
            return [
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
    except sqlite3.DatabaseError:
        return []


def _readable(path: Path) -> bool:
    try:
        pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError):
        return False
    return True
