import subprocess
import sys

import pytest

from swayrec.operations.lock import locked
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

HOLDER = """
import sys, time
from pathlib import Path
from swayrec.operations.lock import locked
from swayrec.operations.workspace import Workspace
with locked(Workspace(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_second_training_is_refused_in_a_sentence_that_names_the_first(tmp_path, holder):
    with (
        pytest.raises(InputError, match=rf"process {holder.pid}\b.*--workspace"),
        locked(Workspace(tmp_path)),
    ):
        pass


def test_killed_training_leaves_no_lock_behind(tmp_path, holder):
    holder.kill()
    holder.wait()
    with locked(Workspace(tmp_path)):
        pass


def test_lock_is_free_again_after_the_block(tmp_path):
    for _ in range(2):
        with locked(Workspace(tmp_path)):
            pass
