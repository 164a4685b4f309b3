"""The networks' training on two real workers on loopback, against one process; killed and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from serving.ports import free
from swayrec.learning import distribution
from swayrec.tables.errors import InputError

pytestmark = pytest.mark.timeout(900)


def started(folder, kind="intent", epochs=3, workers=2, pause=0.0, **environment):
    """Worker processes; each writes its output to a file of its own."""
    cluster = [f"127.0.0.1:{free()}" for _ in range(workers)]
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for index in range(workers):
        config = {"cluster": {"worker": cluster}, "task": {"type": "worker", "index": index}}
        with (folder / f"{index}.txt").open("w") as out, (folder / f"{index}.err").open("w") as err:
            command = [sys.executable, "-m", "tests.learning.worker", kind, str(folder / "out")]
            made.append(
                subprocess.Popen(
                    [*command, str(epochs), str(pause)],
                    stdout=out,
                    stderr=err,
                    env={
                        **os.environ,
                        **environment,
                        **({"TF_CONFIG": json.dumps(config)} if workers > 1 else {}),
                        "PYTHONPATH": os.pathsep.join(
                            filter(None, (str(Path.cwd()), os.environ.get("PYTHONPATH")))
                        ),
                    },
                )
            )
    return made


def ended(processes, folder, seconds=600):
    """The last line of each worker."""
    for index, process in enumerate(processes):
        assert process.wait(seconds) == 0, (folder / f"{index}.err").read_text()[-3000:]
    return [
        json.loads((folder / f"{index}.txt").read_text().splitlines()[-1]) for index in range(len(processes))
    ]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process learns."""
    folder = tmp_path_factory.mktemp("alone")
    [told] = ended(started(folder, workers=1), folder)
    assert told["replicas"] == 1
    return told, weights(folder)


def weights(folder):
    with np.load(folder / "out" / "weights.npz") as held:
        return [held[name] for name in held]


def test_two_workers_learn_what_one_does(alone, tmp_path):
    told, learned = alone
    both = ended(started(tmp_path), tmp_path)
    assert [each["replicas"] for each in both] == [2, 2]
    for each in both:
        np.testing.assert_allclose(each["curve"], told["curve"], rtol=2e-3)
    for mine, its in zip(weights(tmp_path), learned, strict=True):
        np.testing.assert_allclose(mine, its, atol=2e-2)


def test_a_worker_that_is_killed_ends_all_and_they_go_on_from_the_checkpoint(alone, tmp_path, bucket):
    told, _ = alone
    place = {"SWAYREC_CHECKPOINTS": f"{bucket}/checkpoints"}
    first = started(tmp_path, pause=2.0, **place)
    until(lambda: '"epoch": 0' in (tmp_path / "1.txt").read_text(), first)
    first[1].send_signal(signal.SIGKILL)
    first[1].wait()
    # Nobody trains on with half of the data: the other one ends too, and whoever restarts pods restarts both.
    try:
        assert first[0].wait(120) != 0
    finally:
        first[0].kill()
    again = ended(started(tmp_path, **place), tmp_path)
    assert '"epoch": 0' not in (tmp_path / "0.txt").read_text(), "what was learned is not learned again"
    np.testing.assert_allclose(again[0]["curve"], told["curve"], rtol=5e-3)


@pytest.mark.soak
def test_one_process_that_is_killed_goes_on_from_the_checkpoint_too(tmp_path):
    place = {"SWAYREC_CHECKPOINTS": str(tmp_path / "checkpoints")}
    [whole] = ended(started(tmp_path / "whole", "network", 4, workers=1), tmp_path / "whole")
    [first] = started(tmp_path, "network", 4, workers=1, pause=2.0, **place)
    until(lambda: '"epoch": 1' in (tmp_path / "0.txt").read_text(), [first])
    first.kill()
    first.wait()
    [again] = ended(started(tmp_path, "network", 4, workers=1, **place), tmp_path)
    assert '"epoch": 1' not in (tmp_path / "0.txt").read_text()
    # Dropout draws anew, the rest is the same.
    np.testing.assert_allclose(again["curve"], whole["curve"], rtol=2e-2)


def until(done, processes, seconds=300):
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        assert all(process.poll() is None for process in processes)
        time.sleep(0.2)


def test_switches_are_read_from_the_environment_and_a_wrong_one_is_told():
    assert distribution.Switches.of({}) == distribution.Switches(False, None, "")
    told = {"SWAYREC_MIXED_PRECISION": "1", "SWAYREC_XLA": "0", "SWAYREC_CHECKPOINTS": "s3://b/c"}
    found = distribution.Switches.of(told)
    assert found == distribution.Switches(True, False, "s3://b/c") and found.compiled == {
        "jit_compile": False
    }
    with pytest.raises(InputError, match="SWAYREC_XLA is 'yes'; give 1, 0 or nothing"):
        distribution.Switches.of({"SWAYREC_XLA": "yes"})


def test_a_tf_config_that_is_no_json_is_told(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{")
    with pytest.raises(InputError, match="TF_CONFIG is no JSON"):
        distribution.size()


@pytest.mark.soak
@pytest.mark.parametrize("switch", ["SWAYREC_MIXED_PRECISION", "SWAYREC_XLA"])
def test_with_a_switch_on_it_learns_as_well(alone, tmp_path, switch):
    told, _ = alone
    [with_it] = ended(started(tmp_path, workers=1, **{switch: "1"}), tmp_path)
    np.testing.assert_allclose(with_it["curve"], told["curve"], rtol=2e-2)
