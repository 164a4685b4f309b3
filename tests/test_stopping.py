"""A training that is killed: nothing of it goes on, and the workspace is as good as before."""

import contextlib
import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import processes_of, wait_until

ROOT = Path(__file__).parents[1]
SWAYREC = [sys.executable, "-m", "swayrec.cli"]


@pytest.fixture
def endless(shop):
    """The scenario `shop` on a log that takes minutes to read: one packed part many times over."""
    part = gzip.compress(b"u,i\n" * 1_000_000)
    with (shop.parent / "clicks.csv.gz").open("wb") as file:
        file.write(gzip.compress(b"u,i\n"))
        for _ in range(2_000):
            file.write(part)
    shop.write_text(shop.read_text().replace("clicks.csv", "clicks.csv.gz"))
    return shop


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 143), (signal.SIGINT, 130)],
    ids=["kill", "term", "int"],
)
def test_a_killed_training_leaves_no_process_and_a_workspace_to_train_in(endless, tmp_path, number, code):
    workspace = tmp_path / "workspace"
    log = workspace / "logs" / "training.log"
    command = [*SWAYREC, "train", str(endless), "--workspace", str(workspace)]
    # Alone in its group, so that nobody but the process itself gets the signal.
    first = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, process_group=0)
    try:
        wait_until(lambda: log.exists() and "'ingest'" in log.read_text())
        wait_until(lambda: len(processes_of(workspace)) > 1)
        os.kill(first.pid, number)
        _, said = first.communicate(timeout=30)
        wait_until(lambda: processes_of(workspace) == [])
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(first.pid, signal.SIGKILL)
    assert first.returncode == code
    assert said == (
        "" if number == signal.SIGKILL else "Stopped; the same command goes on where this one stopped.\n"
    )
    if number != signal.SIGKILL:
        return  # what is left on disk is the same
    (endless.parent / "clicks.csv.gz").write_bytes(gzip.compress(b"u,i\nu,i\n"))
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert again.returncode == 1
    assert "the events have 1 user" in again.stderr, "the next training reads and judges as the first would"
    assert len(list((workspace / "runs").iterdir())) == 1, "of the killed run nothing is left"
