"""What a piece of work cost: seconds on the clock, and memory beyond what the process held before."""

import resource
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_RESET, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
_PEAK = "5"
"""What sets a process's highest resident memory back to the present one, as proc(5) has it."""


class Cost:
    """Measures the block that it is entered for.

    ``seconds`` is wall time. ``memory`` is the highest resident memory within the block less the resident
    memory at its start, in bytes, of the whole process (arrays, native libraries, mapped files alike). Where
    the kernel does not let a process set its highest mark back, it is by how much the mark rose: too little,
    down to 0, where something before needed more.

    >>> with Cost() as cost:
    ...     held = bytes(50_000_000)
    >>> cost.memory > 40_000_000 and cost.seconds > 0
    True
    """

    seconds: float = float("nan")
    memory: int = 0

    def __enter__(self) -> Self:
        try:
            _RESET.write_text(_PEAK)
            self._before = _marked("VmRSS")
            self._marked = True
        except (OSError, KeyError):
            self._before, self._marked = _highest(), False
        self._start = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._start
        now = _marked("VmHWM") if self._marked else _highest()
        self.memory = max(now - self._before, 0)


def _marked(name: str) -> int:
    """Bytes, of a line of the process's status."""
    lines = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="ascii").splitlines())
    return int(lines[name].split()[0]) * 1024


def _highest() -> int:
    """Bytes; Linux counts in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
