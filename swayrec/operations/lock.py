"""One training or refresh at a time in a workspace."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError


@contextlib.contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Holds the workspace for this process while the block runs; the system lets go when the process ends.

    Raises:
        InputError: another process holds it.
    """
    workspace.make()
    with workspace.lock.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise InputError(
                f"{workspace.root}: another training or refresh (process {file.read().strip() or 'unknown'}) is "
                "at work in this workspace; wait for its end or give another folder with --workspace"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
