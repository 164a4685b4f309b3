"""What readiness says while parts are missing, of a real transformer beside the real predictor."""

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from serving import ports
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace

from .conftest import quiet


@pytest.fixture(scope="module")
def alone(serving, workspace, tmp_path_factory):
    """A transformer with a predictor, but without a store and without anything to count lists from."""
    bare = Workspace(tmp_path_factory.mktemp("bare") / "ws").make()
    current = Current.read(workspace)
    dataset = shutil.copytree(current.dataset, bare.root / "runs" / "dataset")
    replace(current, dataset=dataset).write(bare)
    for part in dataset.iterdir():
        part.write_bytes(b"damaged")
    port = ports.free()
    command = [sys.executable, "-m", "serving.transformer", "--workspace", str(bare.root)]
    command += ["--port", str(port), "--predictor-port", str(serving.children["predictor"].port)]
    with (bare.root / "log").open("wb") as log:
        process = subprocess.Popen(command, env=quiet(), stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 90
        while not ports.listens(port):
            assert process.poll() is None, (bare.root / "log").read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def status(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=30
        ) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize("path", ["/v2/health/ready", "/v2/models/swayrec/ready", "/v1/models/swayrec"])
def test_without_a_store_and_without_lists_it_is_not_ready(alone, path):
    code, told = status(alone + path)
    assert (code, set(told)) == (503, {"error"})
    assert status(alone + "/v2/health/live") == (200, {"live": True})


def test_a_question_is_told_so(alone):
    code, told = status(alone + "/v1/models/swayrec:predict", {"instances": [{"user_id": "u"}]})
    assert code == 503
    assert "not ready" in told["error"]


@pytest.mark.parametrize("path", ["/v2/health/ready", "/v2/models/swayrec/ready", "/v1/models/swayrec"])
def test_with_lists_it_is_ready_though_there_is_no_store(serving, path):
    code, told = status(serving.url + path)
    assert (code, told["ready"]) == (200, True)
