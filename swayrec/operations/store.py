"""MLflow on one SQLite file, without a server: opened silently, made whole or not at all."""

import logging
import os
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
        InputError: the registry belongs to somebody else: MLflow would wait for it for minutes.
    """
    from mlflow import MlflowClient

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    database = workspace.registry_database.resolve()
    if database.exists() and not (os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)):
        raise InputError(
            f"{database}: the registry may not be written to, which even reading it needs; "
            "run as the one who owns the workspace, or give another with --workspace"
        )
    if not database.exists():
        with written_whole(database) as path:
            MlflowClient(f"sqlite:///{path}", f"sqlite:///{path}")
    return MlflowClient(f"sqlite:///{database}", f"sqlite:///{database}")
