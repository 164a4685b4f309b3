"""A retraining on a cluster: one run of the uploaded training pipeline, against a stand-in of KFP's API server."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kfp.compiler import Compiler

from pipelines.training import training
from swayrec.operations.monitoring.kfp_training import EXPERIMENT, KfpTraining
from swayrec.operations.monitoring.retraining import records, retrain
from tests.kfp_server import kfp_server
from tests.operations.monitoring.verdicts import series
from tests.registered import version

ARGUMENTS = {"scenario": "/data/shop.toml", "workspace": "/data/ws", "until": ""}


@pytest.fixture
def server():
    with kfp_server() as made:
        yield made


@pytest.fixture
def uploaded(server, tmp_path):
    """The server with the compiled training pipeline, and a client of it."""
    made, url = server
    package = tmp_path / "training.yaml"
    Compiler().compile(training, str(package))
    made.add_pipeline(package.read_bytes())
    return made, KfpTraining("swayrec-training", url)


def submitted(folder, kfp):
    return retrain(folder, lambda: 1, lambda record: kfp.submitted(record, ARGUMENTS))


class Registry:
    """Versions as the registry would list them."""

    def __init__(self, *versions, champion=None):
        self._versions, self._champion = versions, champion

    def versions(self, scenario):
        return list(self._versions)

    def champion(self, scenario):
        return self._champion


def test_a_run_is_begun_once_with_its_reason_and_arguments(uploaded, tmp_path):
    made, kfp = uploaded
    folder = series(tmp_path / "shop", "retrain")
    record = submitted(folder, kfp)
    assert submitted(folder, kfp) is None
    [run] = made.runs.values()
    assert record.status == "submitted" and record.run == run["run_id"]
    assert run["runtime_config"]["parameters"] == {**ARGUMENTS, "reason": "Popularity of items"}
    assert run["display_name"] == "shop 2025-03-31T00:00:00+00:00 v1"
    [experiment] = made.experiments.values()
    assert experiment["display_name"] == EXPERIMENT


def test_a_run_whose_record_was_lost_is_taken_over(uploaded, tmp_path):
    made, kfp = uploaded
    folder = series(tmp_path / "shop", "retrain")
    first = submitted(folder, kfp)
    [path] = (folder / "retrainings").glob("*.json")
    path.unlink()
    assert submitted(folder, kfp).run == first.run
    assert len(made.runs) == 1


def test_a_run_that_failed_is_settled_and_begun_anew(uploaded, tmp_path):
    made, kfp = uploaded
    folder = series(tmp_path / "shop", "retrain")
    first = submitted(folder, kfp)
    assert kfp.settled(first, Registry()) == first, "it goes on"
    made.runs[first.run] |= {"state": "FAILED", "error": {"code": 2, "message": "step ingest failed"}}
    failed = kfp.settled(first, Registry())
    assert (failed.status, failed.told) == ("failed", (f"run {first.run}: step ingest failed",))
    [path] = (folder / "retrainings").glob("*.json")
    path.unlink()
    assert submitted(folder, kfp).run != first.run


def test_a_run_that_went_well_says_what_the_gate_said(uploaded, tmp_path):
    made, kfp = uploaded
    first = submitted(series(tmp_path / "shop", "retrain"), kfp)
    made.runs[first.run] |= {"state": "SUCCEEDED"}
    before = datetime.now(UTC) - timedelta(days=1)
    old = replace(version(Path("m"), 1), created=before)
    new = replace(
        version(Path("m"), 2),
        created=datetime.now(UTC) + timedelta(seconds=2),
        reasons=("promoted: above windowed popularity",),
    )
    ended = kfp.settled(first, Registry(old, new, champion=new))
    assert (ended.status, ended.version, ended.told) == ("promoted", 2, new.reasons)
    assert kfp.settled(first, Registry(old, new, champion=old)).status == "not promoted"
    assert "no new version" in kfp.settled(first, Registry(old)).told[0]


def test_a_pipeline_that_was_never_uploaded_is_one_sentence(server, tmp_path):
    made, url = server
    record = submitted(series(tmp_path / "shop", "retrain"), KfpTraining("swayrec-training", url))
    assert record.status == "failed" and "upload it first" in record.told[0]
    assert not made.runs


def test_a_server_that_is_not_there_fails_the_retraining_and_says_so(tmp_path):
    folder = series(tmp_path / "shop", "retrain")
    with pytest.raises(Exception, match="Max retries"):
        submitted(folder, KfpTraining("swayrec-training", "http://127.0.0.1:9"))
    [kept] = records(folder)
    assert kept.status == "failed" and "MaxRetryError" in kept.told[0]


def test_a_step_of_a_pipeline_can_ask_the_server_too(uploaded):
    _, kfp = uploaded
    code = (
        "import sys, kfp.dsl.executor_main;"
        "from swayrec.operations.monitoring.kfp_training import KfpTraining;"
        "print(KfpTraining(*sys.argv[1:])._newest()[0])"
    )
    step = {**os.environ, "_KFP_RUNTIME": "true", "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", code, kfp.pipeline, kfp.endpoint]
    done = subprocess.run(command, env=step, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == kfp._newest()[0]
