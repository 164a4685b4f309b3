"""Refreshes again and again beside a command that goes on: `swayrec serve --refresh-every`."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from swayrec.operations import tether
from swayrec.operations.workspace import Workspace


class Refresher:
    """While the block runs, `swayrec refresh` is started every so many minutes, as a process of its own.

    What it prints goes to the workspace's ``logs/refresh.log``.

    Args:
        workspace: which one.
        minutes: from the end of one to the start of the next; None = never.
        say: told of one that failed.
    """

    def __init__(self, workspace: Workspace, minutes: float | None, say: Callable[[str], None]) -> None:
        self._workspace, self._minutes, self._say = workspace, minutes, say
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)

    def __enter__(self) -> Self:
        if self._minutes is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        if self._minutes is not None:
            self._thread.join()

    def _run(self) -> None:
        assert self._minutes is not None
        while not self._stopped.wait(self._minutes * 60):
            code = self._refresh()
            if code and not self._stopped.is_set():
                self._say(f"the refresh failed; {self._workspace.logs / 'refresh.log'} says why")

    def _refresh(self) -> int:
        self._workspace.logs.mkdir(parents=True, exist_ok=True)
        house = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (house, os.environ.get("PYTHONPATH"))))
        with (self._workspace.logs / "refresh.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "swayrec.cli", "refresh", "--workspace", str(self._workspace.root)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": path, tether.OWNER: str(os.getpid())},
            )
        while process.poll() is None:
            if self._stopped.wait(0.2):
                process.kill()  # What it leaves behind is removed by the next one.
                process.wait()
        return process.returncode
