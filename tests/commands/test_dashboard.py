"""`swayrec dashboard`: its errors, and that it stops when told to."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from swayrec import cli
from swayrec.operations.monitoring.evidently_folder import EvidentlyFolder
from swayrec.operations.workspace import Workspace
from tests.operations.monitoring.told import verdict

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A workspace in which a window was monitored."""
    place = Workspace(tmp_path_factory.mktemp("dashboard"))
    EvidentlyFolder(place.evidently, "shop", "Shop").add(verdict(0))
    return place


def refused(*options):
    done = CliRunner().invoke(cli.main, ["dashboard", *options])
    assert done.exit_code == 1
    return done.output


def test_where_nothing_was_monitored_one_sentence_says_so(tmp_path):
    told = refused("--workspace", str(tmp_path))
    assert told == f"Error: {tmp_path}: nothing has been monitored here yet; run `swayrec monitor` first\n"


def test_a_port_that_is_taken_and_an_address_that_is_none_are_one_sentence(workspace):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = refused("--workspace", str(workspace.root), "--port", port)
    assert (
        told
        == f"Error: cannot answer at 127.0.0.1:{port}: Address already in use; give another --port or --host\n"
    )
    assert "cannot answer at 192.0.2.1:1: Cannot assign requested address" in refused(
        "--workspace", str(workspace.root), "--host", "192.0.2.1", "--port", "1"
    )
    done = CliRunner().invoke(cli.main, ["dashboard", "--port", "99999"])
    assert done.exit_code == 2 and "99999 is not in the range" in done.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_until_it_is_told_to_stop_and_writes_nothing(workspace, number):
    before = sorted(workspace.root.rglob("*"))
    command = [
        sys.executable,
        "-m",
        "swayrec.cli",
        "dashboard",
        "--workspace",
        str(workspace.root),
        "--port",
        "0",
    ]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        url = server.stdout.readline().split()[4]
        page = urllib.request.urlopen(f"{url}/api/projects", timeout=240).read()
        assert b'"name":"shop"' in page
        server.send_signal(number)
        _, said = server.communicate(timeout=120)
    finally:
        server.kill()
    assert (server.returncode, said) == (0, "Stopped.\n")
    assert sorted(workspace.root.rglob("*")) == before
