"""The command line that KServe's controller makes of a custom transformer, read and served."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from serving import ports
from serving.transformer_options import options
from swayrec.operations.current import Current

from .conftest import quiet
from .doors import post

OURS = ["--workspace", "/workspace"]
KSERVES = ["--model_name", "shop", "--predictor_host", "shop-predictor.shops", "--http_port", "8080"]
"""What the controller appends, in its own order (KServe 0.16 to 0.21)."""


def test_what_the_controller_appends_is_understood():
    told = options([*OURS, *KSERVES, "--workers", "4"])
    assert (told.model, told.predictor, told.port) == ("shop", "shop-predictor.shops:80", 8080)
    assert told.grpc_port is None and not told.needs_predictor


def test_what_a_manifest_may_add_is_understood():
    told = options(
        [
            *OURS,
            "--predictor_host=localhost:8500",
            "--grpc_port=8081",
            "--predictor_protocol=grpc-v1",
            "--predictor_request_timeout_seconds=1",
            "--enable_predictor_health_check",
        ]
    )
    assert (told.predictor, told.grpc_port, told.predictor_timeout) == ("localhost:8500", 8081, 1.0)
    assert told.needs_predictor and told.model == "swayrec"


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("shop", "shop:9001"),
        ("shop:8500", "shop:8500"),
        ("10.0.0.7", "10.0.0.7:9001"),
        ("::1", "[::1]:9001"),
        ("[::1]", "[::1]:9001"),
        ("[::1]:8500", "[::1]:8500"),
    ],
)
def test_a_port_beside_the_host_counts_before_the_one_of_its_own(host, target):
    assert options([*OURS, "--predictor-host", host, "--predictor-port", "9001"]).predictor == target


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--predictor_host", "http://shop"], "without a scheme"),
        (["--predictor_host", "shop:http"], "'http' is no port"),
        (["--predictor_host", "shop:0"], "'0' is no port"),
        (["--predictor_protocol", "v2"], "invalid choice: 'v2'"),
        (["--protocol", "grpc-v2"], "invalid choice: 'grpc-v2'"),
        (["--predictor_request_timeout_seconds", "0"], "'0' is no number of seconds above 0"),
        (["--predictor_use_ssl", "true"], "unrecognized arguments"),
        (["--http", "80"], "unrecognized arguments"),
    ],
)
def test_what_it_would_not_do_is_refused(wrong, told, capsys):
    with pytest.raises(SystemExit) as ended:
        options([*OURS, *wrong])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.fixture
def start(tmp_path):
    """Starts a module of `serving` on a free port and waits until that listens: the process and the port."""
    running = []

    def started(name, *arguments, option="--port"):
        port = ports.free()
        with (tmp_path / f"{name}.log").open("wb") as log:
            command = [sys.executable, "-m", f"serving.{name}", *map(str, arguments), option, str(port)]
            process = subprocess.Popen(command, env=quiet(), stdout=log, stderr=log)
        running.append(process)
        deadline = time.monotonic() + 90
        while not ports.listens(port):
            assert process.poll() is None, (tmp_path / f"{name}.log").read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return process, port

    yield started
    for process in running:
        process.terminate()
    for process in running:
        process.wait(20)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_transformer_serves_under_the_name_that_kserve_gives_it(start, workspace):
    model = Current.read(workspace).model
    predictor, grpc_port = start("predictor", "--model-base-path", model, "--model-name", "shop")
    given = [
        "--model_name",
        "shop",
        "--predictor_host",
        f"127.0.0.1:{grpc_port}",
        "--enable_predictor_health_check",
    ]
    _, port = start("transformer", "--workspace", workspace.root, *given, option="--http_port")
    url = f"http://127.0.0.1:{port}"
    asked = {"instances": [{"events": [{"item_id": "i09", "behavior": "buy"}]}]}
    code, answer = post(f"{url}/v1/models/shop:predict", asked)
    assert (code, answer["predictions"][0]["level"]) == (200, "session")
    assert post(f"{url}/v1/models/swayrec:predict", asked)[0] == 404
    assert "/v1/models/shop:predict" in get(f"{url}/openapi.json")[1]["paths"]
    assert get(f"{url}/v2/models/shop/ready") == (200, {"name": "shop", "ready": True})
    predictor.terminate()
    predictor.wait(20)
    assert get(f"{url}/v2/models/shop/ready")[0] == 503
