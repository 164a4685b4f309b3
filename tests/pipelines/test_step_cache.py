import json

import pytest

from pipelines.step_cache import StepCache
from swayrec.operations.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    """A workspace with two finished steps, as kfp.local and the registry leave them."""
    workspace = Workspace(tmp_path)
    dataset = workspace.runs / "run-1" / "ingest" / "dataset"
    registered = workspace.registry_artifacts / "shop" / "r1" / "artifacts"
    for path in (
        dataset / "events.parquet",
        dataset / "quarantine" / "log.csv",
        registered / "model" / "1" / "saved_model.pb",
        registered / "report" / "influence.json",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("content")
    finished(workspace, "ingest", dataset)
    finished(workspace, "register", registered / "model")
    return workspace


def finished(workspace, key, place):
    workspace.step_cache.mkdir(parents=True, exist_ok=True)
    output = {"__kfp_artifact__": True, "uri": str(place), "metadata": {}}
    (workspace.step_cache / f"{key}.json").write_text(json.dumps({"made": output, "number": 3}))


def believed(workspace):
    return sorted(path.stem for path in workspace.step_cache.glob("*.json"))


def test_steps_whose_outputs_lie_as_they_were_left_are_believed(workspace):
    cache = StepCache(workspace)
    cache.note()
    (workspace.registry_artifacts / "shop" / "r1" / "artifacts" / "model" / "2").mkdir()
    cache.sweep()
    assert believed(workspace) == ["ingest", "register"]
    assert (workspace.runs / "run-1").exists()


@pytest.mark.parametrize(
    ("step", "file"),
    [
        ("ingest", "runs/run-1/ingest/dataset/events.parquet"),
        ("ingest", "runs/run-1/ingest/dataset/quarantine/log.csv"),
        ("register", "registry/artifacts/shop/r1/artifacts/model/1/saved_model.pb"),
        ("register", "registry/artifacts/shop/r1/artifacts/report/influence.json"),
    ],
)
@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_step_with_a_harmed_output_runs_again(workspace, step, file, harm):
    cache = StepCache(workspace)
    cache.note()
    path = workspace.root / file
    path.unlink()
    if harm == "changed":
        path.write_text("CONTENT")
    cache.sweep()
    assert believed(workspace) == [name for name in ("ingest", "register") if name != step]
    assert (workspace.runs / "run-1").exists() == (step != "ingest"), (
        "outputs that nobody believes are removed"
    )


@pytest.mark.parametrize("folder", ["step_cache", "step_outputs"])
def test_a_damaged_entry_is_no_entry(workspace, folder):
    cache = StepCache(workspace)
    cache.note()
    (getattr(workspace, folder) / "ingest.json").write_bytes(b"junk\xff{")
    cache.sweep()
    assert believed(workspace) == ["register"]


def test_a_step_that_ended_in_a_killed_run_is_believed(workspace):
    StepCache(workspace).sweep()
    assert believed(workspace) == ["ingest", "register"]


def test_a_forgotten_step_runs_again_and_its_new_outputs_are_noted(workspace):
    cache, place = StepCache(workspace), workspace.runs / "run-1" / "ingest" / "dataset"
    cache.note()
    cache.forget(str(place))
    assert believed(workspace) == ["register"]
    (place / "events.parquet").write_text("other")
    finished(workspace, "ingest", place)
    cache.note()
    cache.sweep()
    assert believed(workspace) == ["ingest", "register"]
