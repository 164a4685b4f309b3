import os
import subprocess
import sys
import time

from swayrec.operations import tether

CHILD = (
    "import time; from swayrec.operations import tether; tether.hold(0.05); "
    "print('on', flush=True); time.sleep(200)"
)
OWNER = """
import subprocess, sys
from swayrec.operations import tether
with tether.owning():
    subprocess.run(["sh", "-c", f'{sys.executable} -c "{sys.argv[1]}"; true'])
"""


def test_child_behind_a_shell_ends_when_its_owner_is_killed():
    owner = subprocess.Popen([sys.executable, "-c", OWNER, CHILD], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout.readline() == "on\n"
        owner.kill()
        owner.wait()
        begun = time.monotonic()
        # The child inherited this end of the pipe: its end is the end of the file.
        assert owner.stdout.read() == ""
        assert time.monotonic() - begun < 20


def test_owner_is_forgotten_after_the_block(monkeypatch):
    monkeypatch.delenv(tether.OWNER, raising=False)
    with tether.owning():
        assert os.environ[tether.OWNER] == str(os.getpid())
    assert tether.OWNER not in os.environ
