"""A process that must not outlive the one that started it, even where that one was killed without a word."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator

OWNER = "SWAYREC_OWNER"
"""The environment variable with the process id that a child's life hangs on."""


@contextlib.contextmanager
def owning() -> Iterator[None]:
    """While the block runs, processes started from here that call :func:`hold` end with this process."""
    before = os.environ.get(OWNER)
    os.environ[OWNER] = str(os.getpid())
    try:
        yield
    finally:
        if before is None:
            del os.environ[OWNER]
        else:
            os.environ[OWNER] = before


def hold(every: float = 0.5) -> None:
    """Ends this process within ``every`` seconds of its owner's end; does nothing where there is no owner.

    A parent's end is not enough to go by: kfp.local puts a shell between the owner and the step.
    """
    owner = int(os.environ.get(OWNER, "0"))
    if owner in (0, os.getpid()):
        return

    def watch() -> None:
        while _lives(owner):
            time.sleep(every)
        os._exit(143)

    threading.Thread(target=watch, name="tether", daemon=True).start()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
