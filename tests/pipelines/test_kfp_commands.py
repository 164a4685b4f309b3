"""The `kfp` lines of the docs, run by the real command line against a stand-in of KFP's API server."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kfp_server import kfp_server

ROOT = Path(__file__).parents[2]
BLOCK = re.search(r"```\nmake pipelines\n(.*?)```", (ROOT / "docs" / "monitoring.md").read_text(), re.DOTALL)[
    1
]
LINES = BLOCK.replace("\\\n", " ").splitlines()


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Where `make pipelines` leaves the packages."""
    folder = tmp_path_factory.mktemp("build")
    for name in ("training", "monitoring"):
        out = folder / "build" / "pipelines" / f"{name}.yaml"
        out.parent.mkdir(parents=True, exist_ok=True)
        kfp("dsl", "compile", "--py", str(ROOT / "pipelines" / f"{name}.py"), "--output", str(out), cwd=ROOT)
    return folder


def kfp(*line, cwd, url=""):
    program = Path(sys.executable).parent / "kfp"
    variables = {**os.environ, "KF_PIPELINES_ENDPOINT": url, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [program, *line], cwd=cwd, capture_output=True, text=True, env=variables, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_lines_upload_both_pipelines_and_make_a_recurring_run_of_the_monitoring(build):
    assert [line.split()[:3] for line in LINES] == [
        ["kfp", "pipeline", "create"],
        ["kfp", "pipeline", "create"],
        ["kfp", "experiment", "create"],
        ["kfp", "recurring-run", "create"],
    ]
    with kfp_server() as (made, url):
        for line in LINES:
            kfp(*shlex.split(line)[1:], cwd=build, url=url)
        names = {each["display_name"] for each in made.pipelines.values()}
        assert names == {"swayrec-training", "swayrec-monitoring"}
        [weekly] = made.recurring.values()
        assert weekly["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * 1"
        assert weekly["runtime_config"]["parameters"] == {"workspace": "/mnt/swayrec"}
