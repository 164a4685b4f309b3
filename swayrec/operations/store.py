"""MLflow: a server where the environment names one, else one SQLite file, made whole or not at all; opened silently."""

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


SERVER = "MLFLOW_TRACKING_URI"
ARTIFACTS = "SWAYREC_ARTIFACTS"


def server() -> str | None:
    """URL of the MLflow server that the environment names; None where the registry is a file of the workspace."""
    named = os.environ.get(SERVER, "")
    return named.rstrip("/") if named.startswith(("http://", "https://")) else None


def artifacts(workspace: Workspace, scenario: str) -> str | None:
    """URI below which a scenario's models are kept; None = where the server says.

    The environment may name object storage for the workspace's own registry as well.
    """
    named = os.environ.get(ARTIFACTS, "").rstrip("/")
    if named:
        return f"{named}/{scenario}"
    return None if server() else (workspace.registry_artifacts.resolve() / scenario).as_uri()


def opened(workspace: Workspace) -> "MlflowClient":
    """A client of the server, or of the workspace's own registry, which is made where there is none.

    MLflow makes its tables by a chain of migrations that takes seconds and is no transaction: it runs on a
    file of another name that is renamed when complete, so a killed process leaves no half of a database.

    Raises:
        InputError: the registry belongs to somebody else: MLflow would wait for it for minutes; or it is
            damaged; or the server does not answer.
    """
    url = server()
    if url is not None:
        _check_answers(url)
        return _client(url)
    database = workspace.registry_database.resolve()
    if database.exists() and not (os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)):
        raise InputError(
            f"{database}: the registry may not be written to, which even reading it needs; "
            "run as the one who owns the workspace, or give another with --workspace"
        )
    is_there = database.is_dir() or (database.exists() and database.stat().st_size > 0)
    if is_there:
        _check(database)
    if not is_there:
        with written_whole(database) as path:
            _client(f"sqlite:///{path}")
    return _client(f"sqlite:///{database}")


def _client(uri: str) -> "MlflowClient":
    # It would tell of each run's page on standard output, which is for answers.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    from mlflow import MlflowClient

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return MlflowClient(uri, uri)


def _check_answers(url: str) -> None:
    """Asks the server for its health: MLflow itself would try for minutes."""
    import httpx

    try:
        found = httpx.get(f"{url}/health", timeout=10.0)
        why = "" if found.status_code == httpx.codes.OK else f"it answers {found.status_code}"
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
    if why:
        raise InputError(f"{url}: the MLflow server does not answer ({why}); look at it, or mend {SERVER}")


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
