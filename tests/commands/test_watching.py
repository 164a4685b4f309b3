import os
import pty
import subprocess
import sys

from swayrec.commands.watching import Progress

ON_A_TERMINAL = """
import time
from swayrec.commands.watching import Progress
with Progress() as progress:
    progress.started("ingest")
    progress.said("ingest", "12 of [40] files")
    time.sleep(0.5)
    progress.finished("ingest", 1.25)
"""


def test_finished_and_cached_steps_are_lines_on_standard_error(capsys):
    with Progress() as progress:
        progress.started("ingest")
        progress.said("ingest", "12 of 40 files")
        progress.finished("ingest", 12.34)
        progress.cached("fit_influence")
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split() for line in err.splitlines()] == [
        ["ingest", "12.3", "s"],
        ["fit_influence", "as", "before"],
    ]


def test_step_at_work_is_shown_live_on_a_terminal():
    mine, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL], stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(mine, 4096):
            shown += part
    except OSError:
        assert process.wait() == 0, shown  # Linux's way to say that the other end is closed.
    os.close(mine)
    assert b"12 of [40] files" in shown
    assert b"1.2 s" in shown
