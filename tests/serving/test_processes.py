"""How the processes start, fail to start, and leave."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from serving import ports
from serving.processes import Serving
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

from .conftest import quiet

SERVE = """
import sys
from pathlib import Path
from serving.processes import Serving
from swayrec.operations.workspace import Workspace

serving = Serving(Workspace(Path(sys.argv[1])), say=lambda text: told(text))
def told(text):
    if sys.argv[2] in text:
        print(*(child.process.pid for child in serving.children.values()), flush=True)
with serving:
    told("both answer")
    serving.wait()
"""


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_port_in_use_is_named_before_anything_starts(workspace):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} is in use by another program"):
            Serving(workspace, port=port).__enter__()
        with pytest.raises(InputError, match=f"port {port} is in use by another program"):
            Serving(workspace, predictor_port=port).__enter__()


def test_one_port_for_both_and_no_port_at_all(workspace):
    with pytest.raises(InputError, match="given to both"):
        Serving(workspace, port=45671, predictor_port=45671).__enter__()
    with pytest.raises(InputError, match="port 70000 does not exist"):
        Serving(workspace, port=70000).__enter__()


def test_port_0_is_any_free_one():
    port = ports.claimed(0)
    assert port > 0
    assert ports.claimed(port) == port


def test_a_workspace_without_a_training_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="run `swayrec train SCENARIO`"):
        Serving(Workspace(tmp_path)).__enter__()


def test_a_child_that_dies_is_told_with_its_last_words_and_none_is_left(workspace, tmp_path):
    (tmp_path / "model").mkdir()
    emptied = Workspace(tmp_path / "ws").make()
    replace(Current.read(workspace), model=tmp_path / "model").write(emptied)
    serving = Serving(emptied)
    with pytest.raises(InputError) as error:
        serving.__enter__()
    assert "ended with code 1" in str(error.value)
    assert "there is no numbered folder with a saved_model.pb" in str(error.value)
    assert str(emptied.logs) in str(error.value)
    assert all(child.process.poll() is not None for child in serving.children.values())


@pytest.mark.parametrize(
    ("number", "when", "code"),
    [
        (signal.SIGTERM, "both answer", 128 + signal.SIGTERM),
        (signal.SIGINT, "waiting for the predictor", -signal.SIGINT),
        (signal.SIGKILL, "waiting for the predictor", -signal.SIGKILL),
    ],
)
def test_no_process_is_left_however_the_owner_ends(workspace, number, when, code):
    owner = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(workspace.root), when],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=quiet(),
    )
    children = [int(process) for process in owner.stdout.readline().split()]
    assert len(children) == 2
    assert all(alive(process) for process in children)
    os.kill(owner.pid, number)
    assert owner.wait(30) == code
    deadline = time.monotonic() + 10
    while any(alive(process) for process in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(alive(process) for process in children)
