"""One at a time: trainings and refreshes in a workspace, and whatever else has a file to lock."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError


@contextlib.contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Holds the workspace for this process while the block runs; the system lets go when the process ends.

    Raises:
        InputError: another process holds it.
    """
    workspace.make()
    with held(workspace.lock) as file:
        if file is None:
            holder = workspace.lock.read_text(encoding="utf-8").strip()
            raise InputError(
                f"{workspace.root}: another training or refresh (process {holder or 'unknown'}) is "
                "at work in this workspace; wait for its end or give another folder with --workspace"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def held(path: Path, *, wait: bool = False) -> Iterator[TextIO | None]:
    """The file, open and locked for this process while the block runs; None = another process holds it.

    The system lets go when the process ends.

    Args:
        path: made where it is not there.
        wait: until the other process lets go.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield file
