"""What kfp.local and its steps print, told apart: all into a file, what people want to know to a watcher."""

import io
import logging
import re
import time
from typing import Protocol, TextIO

from swayrec.operations.step import ERROR, MARK

_INDENT = 4 * " "
"""What kfp.local puts before each line that a step prints, and before none of its own."""

_COLOR = re.compile(r"\x1b\[\d+m")
_STARTED = re.compile(r"Executing task '([\w-]+)'")
_FINISHED = re.compile(r"Task '([\w-]+)' finished with status SUCCESS")
_CACHED = re.compile(r"Task ([\w-]+) cache hit")
_SAID = re.compile(re.escape(MARK) + r" ([\w-]+): (.*)")


class Watcher(Protocol):
    """Is told how a run goes on; step names are as people write them (fit_influence)."""

    def started(self, step: str) -> None:
        """A step begins."""

    def said(self, step: str, text: str) -> None:
        """A step reports progress."""

    def finished(self, step: str, seconds: float) -> None:
        """A step ended well."""

    def cached(self, step: str) -> None:
        """A step's outputs of an earlier run are used."""


class RunLog(io.TextIOBase):
    """A text stream to put in the place of standard output while kfp.local runs a pipeline.

    ``step`` is the step at work, ``error`` the sentence of the step that failed on bad input, if one did,
    ``last`` the last line that a step printed.
    """

    def __init__(self, file: TextIO, watcher: Watcher) -> None:
        self.step = ""
        self.error = ""
        self.last = ""
        self._file = file
        self._watcher = watcher
        self._begun = 0.0
        self._line = ""

    def writable(self) -> bool:
        """True, as of every stream that is written to."""
        return True

    def write(self, text: str) -> int:
        """Keeps the text and reads each line that it completes."""
        self._file.write(text)
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._read(_COLOR.sub("", line))
        return len(text)

    def flush(self) -> None:
        """Writes what is buffered to the file."""
        self._file.flush()

    def handler(self) -> logging.Handler:
        """A logging handler for what kfp.local says between two steps (that one is cached)."""
        return logging.StreamHandler(self)

    def _read(self, line: str) -> None:
        if line.startswith(_INDENT) and line.strip():
            self.last = line.strip()
        if found := _SAID.search(line):
            self._hear(_name(found[1]), found[2])
        elif found := _STARTED.search(line):
            self.step, self._begun = _name(found[1]), time.monotonic()
            self._watcher.started(self.step)
        elif found := _FINISHED.search(line):
            self._watcher.finished(_name(found[1]), time.monotonic() - self._begun)
        elif found := _CACHED.search(line):
            self._watcher.cached(_name(found[1]))

    def _hear(self, step: str, text: str) -> None:
        if text.startswith(ERROR):
            self.error = text.removeprefix(ERROR)
        else:
            self._watcher.said(step, text)


def _name(task: str) -> str:
    """The component's name: kfp turns underscores into hyphens."""
    return task.replace("-", "_")
