"""What a look at a window costs where the log is large: seconds, memory, and bytes that are kept."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from swayrec.operations import pseudonym
from swayrec.operations.exposures import HOUR, Exposure
from tests.benchmarks.kept_lists import keep
from tests.operations.monitoring import world
from tests.operations.monitoring.shop import trained

WEEKS = world.LEARNED + 3
EVENTS_A_USER = 105.5
"""Events of a user of the made shop in all weeks, in the mean."""

PLACES = 12


def cost(root: Path, events: int, lists: int) -> str:
    """Makes a shop with a model and looks at its newest week: a row of the table."""
    columns = world.log(WEEKS, users=int(events / EVENTS_A_USER))
    # A moment after its last week, so that the week has ended.
    columns["time"][np.argmax(columns["time"])] = world.START + WEEKS * world.WEEK + 60
    workspace = trained(root, columns)
    _show(workspace.exposures / "shop", pseudonym.key(workspace), columns, lists)
    began = time.perf_counter()
    command = [sys.executable, "-m", "swayrec.cli", "monitor", "--workspace", str(workspace.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    seconds = time.perf_counter() - began
    assert done.returncode == 0, done.stdout + done.stderr
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    kept = sum(path.stat().st_size for path in workspace.monitoring.rglob("*") if path.is_file())
    return f"{len(columns['time']):,} | {lists:,} | {seconds:.0f} s | {most:.1f} GB | {kept / 1e3:.0f} kB"


def _show(folder: Path, secret: bytes, columns: dict[str, np.ndarray], lists: int) -> None:
    random = np.random.default_rng(3)
    last = np.flatnonzero(columns["time"] >= world.START + (WEEKS - 1) * world.WEEK)
    events = random.choice(last, min(lists, len(last)), replace=lists > len(last))
    events = events[np.argsort(columns["time"][events], kind="stable")]
    scores = [1 / place for place in range(1, PLACES + 1)]
    shown = []
    for event in events:
        items = [f"i{item}" for item in random.permutation(world.ITEMS)[:PLACES]]
        one = Exposure(f"r{event}", f"u{columns['user'][event]}", items, scores, 1_700_000_000, "full", ())
        shown.append((float(columns["time"][event] // HOUR * HOUR) + 1, one))
    keep(folder, secret, shown)
