"""A server as a process of its own, which answers inside the block and is gone after it."""

import os
import signal
import subprocess
import urllib.request
from contextlib import contextmanager

from tests.processes import wait_until


@contextmanager
def answering(command, asked, log, seconds=120, **environment):
    """Starts a command and waits until it answers.

    Args:
        command: the command line.
        asked: the URL that is asked.
        log: the file that it writes to, shown where it ends before it answers.
        seconds: that it may take.
        environment: what is set besides what this process has.
    """
    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, start_new_session=True, env={**os.environ, **environment}
        )

    def answers():
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(asked, timeout=10).close()
        except OSError:
            return False
        return True

    try:
        wait_until(answers, seconds)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
