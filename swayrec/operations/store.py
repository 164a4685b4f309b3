"""MLflow on one SQLite file, without a server: opened silently, made whole or not at all."""

import contextlib
import logging
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from swayrec.operations.workspace import Workspace, written_whole
from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    from mlflow import MlflowClient


def opened(workspace: Workspace) -> "MlflowClient":
    """A client of the workspace's registry, which is made where there is none.

    MLflow makes its tables by a chain of migrations that takes seconds and is no transaction: it runs on a
    file of another name that is renamed when complete, so a killed process leaves no half of a database.

    Raises:
        InputError: the registry belongs to somebody else: MLflow would wait for it for minutes; or it is
            damaged.
    """
    database = workspace.registry_database.resolve()
    if database.exists() and not (os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)):
        raise InputError(
            f"{database}: the registry may not be written to, which even reading it needs; "
            "run as the one who owns the workspace, or give another with --workspace"
        )
    is_there = database.is_dir() or (database.exists() and database.stat().st_size > 0)
    if is_there:
        _check(database)
    from mlflow import MlflowClient

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if not is_there:
        with written_whole(database) as path:
            MlflowClient(f"sqlite:///{path}", f"sqlite:///{path}")
    return MlflowClient(f"sqlite:///{database}", f"sqlite:///{database}")


def _check(database: Path) -> None:
    """Reads through the file, a few megabytes: SQLite would find damage late, and MLflow tell of it at length."""
    try:
        with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return  # another process writes, which only a whole database lets it
        found = str(error)
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise InputError(
            f"{database}: the registry is damaged ({found}); put a whole one in its place, or remove it and run "
            "`swayrec train SCENARIO` again, which begins a new one"
        )
