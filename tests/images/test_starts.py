"""What the image starts as: the servers over one workspace, ended as a cluster ends them, and commands."""

import csv
import json
import shutil
import time
from pathlib import Path

import pytest

from serving import ports
from swayrec.operations.current import Current
from swayrec.tables.dataset import Dataset
from tests.operations.monitoring import shop, world
from tests.serving.doors import post

from . import podman

pytestmark = [podman.NEEDED, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def workspace(learned, tmp_path_factory):
    """A copy of the learned workspace, by the place where containers see it: that of the original."""
    copy = tmp_path_factory.mktemp("served") / "workspace"
    shutil.copytree(learned.root, copy, symlinks=True)
    return {learned.root: copy}


@pytest.fixture(scope="module")
def start(image, workspace, tmp_path_factory, plainer):
    """Starts the image as a server beside the workspace: a context of its process and its log."""

    def started(name, *arguments):
        line = podman.command(image, name, *arguments, writable=workspace, readable=[plainer.parent])
        return podman.running(f"swayrec-test-{name}", *line, folder=tmp_path_factory.mktemp(name))

    return started


def wait(answers, process, log, seconds=300):
    deadline = time.monotonic() + seconds
    while not answers():
        assert process.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.2)


def test_predictor_transformer_and_intake_answer_as_this_machine_does_and_end_in_time(
    start, learned, run, workspace
):
    user = str(Dataset(Current.read(learned).dataset).users()["user_id"][0].as_py())
    port, grpc_port, predictor_port, intake_port = (ports.free() for _ in range(4))
    kserves = ["--model_name", "shop", "--predictor_host", f"127.0.0.1:{predictor_port}", "--http_port", port]
    names = "predictor", "transformer", "intake"
    with (
        start(
            "predictor",
            *(
                "--model-base-path",
                Current.read(learned).model,
                "--model-name",
                "shop",
                "--port",
                predictor_port,
            ),
        ) as predictor,
        start("transformer", "--workspace", learned.root, "--grpc-port", grpc_port, *kserves) as transformer,
        start("intake", "--workspace", learned.root, "--port", intake_port) as intake,
    ):
        wait(lambda: ports.listens(predictor_port), *predictor)
        wait(lambda: ports.answers(port, "/v2/models/shop/ready"), *transformer)
        wait(lambda: ports.intake_is_ready(intake_port), *intake)
        url = f"http://127.0.0.1:{port}/v1/models/shop:predict"
        status, told = post(url, {"instances": [{"user_id": user, "k": 5}]})
        [answer] = told["predictions"]
        assert (status, answer["level"]) == (200, "full")
        event = {"user_id": user, "item_id": answer["items"][0]["item_id"], "behavior": "full_price_purchase"}
        event["timestamp"] = "2018-01-01T10:00:00Z"
        assert post(f"http://127.0.0.1:{intake_port}/events", event)[0] == 200
        ends = [
            podman.stopped(f"swayrec-test-{name}", process)
            for name, (process, _) in zip(names, (predictor, transformer, intake), strict=True)
        ]
    assert ends == [0, 0, 0]
    assert [item["item_id"] for item in answer["items"]] == _recommended(learned, user)


def _recommended(workspace, user):
    """The first five for a user, by the command line on this machine."""
    from click.testing import CliRunner

    from swayrec import cli

    folder = Path(workspace.root).parent
    (folder / "users.txt").write_text(f"{user}\n", encoding="utf-8")
    given = ["recommend", "--users", folder / "users.txt", "-k", "5", "--output", folder / "lists.csv"]
    done = CliRunner().invoke(cli.main, [*map(str, given), "--workspace", str(workspace.root)])
    assert done.exit_code == 0, done.output
    with (folder / "lists.csv").open(encoding="utf-8") as file:
        return [row["item_id"] for row in csv.DictReader(file)]


def test_a_server_that_is_only_starting_ends_at_once_too(start, learned):
    model = Current.read(learned).model
    with start("predictor", "--model-base-path", model, "--port", ports.free()) as (process, log):
        deadline = time.monotonic() + 60
        while podman.podman("exec", "swayrec-test-predictor", "true").returncode:
            assert time.monotonic() < deadline and process.poll() is None, log.read_text()
            time.sleep(0.1)
        assert podman.stopped("swayrec-test-predictor", process) in (0, 143), "neither ignored nor killed"


@pytest.fixture(scope="module")
def monitored(tmp_path_factory):
    """A shop as a training leaves it, with one window to look at."""
    return shop.trained(tmp_path_factory.mktemp("monitored"), world.log(world.LEARNED + 1))


def test_it_monitors_and_shows_what_it_found(image, run, monitored, tmp_path):
    # The dataset is beside the workspace.
    place = {monitored.root.parent: monitored.root.parent}
    told = json.loads(run("monitor", "--workspace", monitored.root, "--json", writable=place))
    assert [verdict["verdict"] for verdict in told["verdicts"]] == ["pass"]
    port = ports.free()
    line = podman.command(
        image, "dashboard", "--workspace", monitored.root, "--port", port, readable=[monitored.root.parent]
    )
    with podman.running("swayrec-test-dashboard", *line, folder=tmp_path) as (process, log):
        # The port is taken first, and answers once Evidently is imported.
        wait(lambda: ports.answers(port, "/api/version"), process, log)
        assert "The dashboard is at http://0.0.0.0:" in log.read_text()
        assert podman.stopped("swayrec-test-dashboard", process) == 0


def test_it_is_the_command_line_too(run, plainer, tmp_path):
    options = {"writable": {tmp_path: tmp_path}, "readable": [plainer.parent]}
    told = json.loads(run("check", plainer, "--workspace", tmp_path / "workspace", "--json", **options))
    assert told["training"]["parts"]["test"]["cases"] > 10
    assert "Usage: swayrec [OPTIONS] COMMAND" in run()
