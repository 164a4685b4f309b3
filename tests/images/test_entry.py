"""The image's entry point without an image: what its first argument starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.transformer_options import options
from swayrec import image
from swayrec.commands.dashboard import dashboard
from swayrec.commands.monitor import monitor

ROOT = Path(__file__).parents[2]


def entered(*arguments, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "swayrec.image", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_without_an_argument_it_shows_what_the_command_line_can_do(tmp_path):
    done = entered(folder=tmp_path)
    assert done.returncode == 0 and "Usage: swayrec [OPTIONS] COMMAND" in done.stdout


def test_a_command_is_the_command_lines(tmp_path):
    done = entered("check", tmp_path / "nothing.toml", "--workspace", tmp_path, folder=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("Error: ") and "nothing.toml" in done.stderr
    assert entered("no-such-thing", folder=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("transformer", ("--workspace", "."), "error: .: nothing has been trained"),
        ("intake", ("--workspace", "."), "error: .: nothing has been trained"),
        ("predictor", ("--model-base-path", "nowhere"), "error: nowhere: there is no numbered folder"),
    ],
)
def test_a_server_is_started_and_says_in_a_sentence_what_it_lacks(name, given, told, tmp_path):
    done = entered(name, *given, folder=tmp_path)
    assert done.returncode == 1 and told in done.stderr and "Traceback" not in done.stderr


def test_the_defaults_of_the_image_are_options_that_there_are():
    told = options(image.SERVERS["transformer"])
    assert (told.host, told.port, told.grpc_port) == ("0.0.0.0", 8080, 8081)
    for command in (dashboard, monitor):
        command.make_context(command.name, list(image.COMMANDS[command.name]))


def test_what_is_given_counts_before_the_images_defaults():
    given = [*image.SERVERS["transformer"], "--http_port", "8012", "--workspace", "/data"]
    assert (options(given).port, str(options(given).workspace)) == (8012, "/data")
