"""Whether a scenario's feature store lies as its publication left it, and what is thrown away where it does not."""

import contextlib
import os
import sqlite3
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from feature_repo.store_down import StoreDown, answered
from swayrec.operations.inventory import Inventory, inventory, is_unchanged
from swayrec.tables.intact import intact

CONFIGURATION = "feature_store.yaml"
REGISTRY = "registry.db"
OFFLINE = "offline"


_ASKED = 10
"""Rows of a view that an engine is asked for: it may have been emptied, or be another one."""


def configuration(folder: Path) -> dict[str, Any]:
    """The store's settings, with variables of the environment put in, as Feast does.

    Raises:
        InputError: the file is damaged. It may be somebody's own, so it is not written over.
    """
    path = folder / CONFIGURATION
    with intact(path, yaml.YAMLError, remedy="mend it, or remove it and run `swayrec train SCENARIO` again"):
        settings: dict[str, Any] = yaml.safe_load(os.path.expandvars(path.read_text(encoding="utf-8")))
        settings["project"], settings["online_store"]["type"]
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


def is_whole(folder: Path, views: Iterable[str], files: Inventory) -> bool:
    """Whether the files are as they were, and the online store has each view.

    An engine that does not answer has none of them: the publication that follows says what is wrong.

    Raises:
        InputError: the configuration is damaged.
    """
    if not (folder / CONFIGURATION).exists() or not is_unchanged(files, folder):
        return False
    online, project = online_file(folder), configuration(folder)["project"]
    if online is None:
        with contextlib.suppress(StoreDown):
            return answered(partial(_has_rows, folder, views))
        return False
    return {f"{project}_{view}" for view in views} <= set(_tables(online))


def remove_damaged(folder: Path) -> None:
    """Removes what cannot be read, so that a publication makes it anew, and an online file of unknown content."""
    from feast.protos.feast.core.Registry_pb2 import Registry
    from google.protobuf.message import DecodeError

    registry, online = folder / REGISTRY, online_file(folder)
    for path in folder.glob(f"{OFFLINE}/*.parquet"):
        if not _readable(path):
            path.unlink()
    with contextlib.suppress(FileNotFoundError):
        try:
            Registry.FromString(registry.read_bytes())
        except DecodeError:
            registry.unlink()
    listed = any(folder.glob(f"{OFFLINE}/*.parquet"))
    if online is not None and online.exists() and not (listed and _tables(online)):
        for path in online.parent.glob(f"{online.name}*"):
            path.unlink()


def _has_rows(folder: Path, views: Iterable[str]) -> bool:
    """Whether an engine has some rows of each view's offline file, from its beginning to its end."""
    from feast import FeatureStore

    store = FeatureStore(repo_path=str(folder))
    for name in views:
        view = store.get_feature_view(name)
        [key] = view.join_keys
        ids = pq.read_table(folder / OFFLINE / f"{name}.parquet", columns=[key])[key].to_pylist()
        asked = [{key: one} for one in ids[:: max(1, len(ids) // _ASKED)]]
        features = [f"{name}:{feature.name}" for feature in view.features]
        found = store.get_online_features(features, asked).to_dict()
        for row in range(len(asked)):
            if all(found[feature.name][row] is None for feature in view.features):
                return False
    return True


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
