"""Running processes, looked up as a person would with ps."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def processes_of(folder: Path) -> list[str]:
    """Command lines of running processes, but this one, that name the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended meanwhile
        if str(folder) in line and path.parent.name != str(os.getpid()):
            found.append(line)
    return found


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Waits until something holds; a test fails that waits in vain."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not come to pass"
        time.sleep(0.05)


def resident(process: int) -> float:
    """Memory in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
