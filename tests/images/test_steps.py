"""Every step of the pipelines as a cluster starts it, in the image: its outputs are those of the run on this machine.

Each gets the local run's inputs, so that what differs is its own. TensorFlow comes in another build there.
"""

import json
import shutil

import pytest

from feature_repo.reader import FeatureReader
from pipelines.monitoring import monitoring
from pipelines.training import training
from swayrec.operations.current import Current
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace
from swayrec.tables.dataset import Dataset
from tests.kfp_server import kfp_server
from tests.operations.monitoring import shop, world
from tests.operations.monitoring.verdicts import series

from . import podman, steps
from .alike import differences

pytestmark = [podman.NEEDED, pytest.mark.timeout(3600)]

TOLERANCE = 1e-5
"""Of a number's size: what two builds of TensorFlow may round differently."""

NO_SERVICE = {"service": "", "namespace": "", "share": 0.1, "minutes": 60.0, "prometheus": ""}
"""What says that nothing is rolled out to a cluster."""

MADE_BY = {
    "dataset": "ingest",
    "vectors": "embed",
    "influence": "fit_influence",
    "intent": "train_intent",
    "model_test": "train_recommender",
    "model": "train_recommender",
    "answers": "train_recommender",
    "evaluation": "evaluate",
    "decision": "gate",
}
"""Inputs of steps, and which step's outputs they are."""


@pytest.fixture(scope="module")
def specs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compiled")
    return {pipeline.name: steps.compiled(pipeline, folder) for pipeline in (training, monitoring)}


@pytest.fixture
def step(specs, made_here, plainer, learned, run, tmp_path):
    """Runs a step of the training in the image, on the local run's outputs: the folder of its own."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()

    def ran(name, **more):
        if name != "embed":
            # No other one is to encode texts.
            shutil.copytree(learned.text_cache, Workspace(workspace).text_cache, dirs_exist_ok=True)
        inputs = {each: made_here(maker, each) for each, maker in MADE_BY.items() if maker != name}
        told = {
            "scenario": plainer,
            "workspace": workspace,
            "until": "",
            "code": "",
            "raw": "",
            "posted": "",
            "since": "",
            "engine": "",
            **NO_SERVICE,
        }
        spec, folder = specs["swayrec-training"], tmp_path / name
        first, *rest = steps.command(spec, name, told | inputs | more, folder)
        said = run(
            *rest,
            options=[f"--entrypoint={first}"],
            writable={tmp_path: tmp_path},
            readable=[plainer.parent, made_here("ingest", "dataset").parents[1]],
        )
        assert f"[swayrec] {name}: " in said
        return folder

    ran.workspace = Workspace(workspace)
    return ran


def test_ingest_makes_the_same_tables(step, made_here):
    folder, local = step("ingest"), made_here("ingest", "dataset")
    assert differences(folder / "dataset", local, 0) == []
    assert steps.metadata(folder)["dataset"] == steps.metadata(local.parent)["dataset"]
    assert Dataset(folder / "dataset").events().num_rows > 10_000


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("embed", "vectors"),
        ("fit_influence", "influence"),
        ("train_intent", "intent"),
        ("evaluate", "evaluation"),
        ("gate", "decision"),
    ],
)
def test_a_step_computes_the_same(name, output, step, made_here):
    folder = step(name)
    assert any((folder / output).rglob("*")) or (folder / output).is_file()
    assert differences(folder / output, made_here(name, output), TOLERANCE) == []


def test_the_recommender_learns_the_same_weights_and_gives_the_same_answers(step, made_here):
    folder = step("train_recommender")
    for output in ("model_test", "model", "answers"):
        assert differences(folder / output, made_here("train_recommender", output), TOLERANCE) == []
    assert list((folder / "model").rglob("saved_model.pb")) and list((folder / "model").rglob("weights.npz"))


def test_registering_makes_the_same_version(step, learned):
    folder = step("register")
    [here] = Registry(step.workspace).versions("ecommerce")
    [there] = Registry(learned).versions("ecommerce")
    assert steps.metadata(folder)["registered"]["version"] == 1
    assert (here.number, here.aliases) == (there.number, there.aliases)
    ours, theirs = here.model.parent, there.model.parent
    for part in ("model", "report"):
        assert differences(ours / part, theirs / part, TOLERANCE) == []
    for part in ("metrics.json", "parameters.json", "decision.json"):
        assert differences(ours / part, theirs / part, TOLERANCE) == []
    # And what it registered is what the workspace stands at afterwards.
    registered = here.place, steps.metadata(folder)["registered"]
    deployed = json.loads((step("deploy", registered=registered) / "deployed").read_text(encoding="utf-8"))
    assert deployed == json.loads(step.workspace.current.read_text(encoding="utf-8"))
    assert (deployed["version"], deployed["model"]) == (1, here.place)
    assert Current.read(step.workspace).dataset.is_relative_to(step.workspace.root)


def test_published_features_are_the_same(step, made_here, learned):
    folder = step("publish_features")
    assert differences(folder / "features", made_here("publish_features", "features"), TOLERANCE) == []
    user = Dataset(Current.read(learned).dataset).events()["user_id"][0].as_py()
    past = FeatureReader(step.workspace.features).history(user)
    assert len(past["item"]) > 10 and past == FeatureReader(learned.features).history(user)


@pytest.fixture
def watched(specs, run, tmp_path):
    """Runs a step of the monitoring in the image on a workspace: the folder of its outputs."""

    def ran(name, workspace, **given):
        told = {"workspace": workspace.root, "since": "", "until": "", **NO_SERVICE}
        first, *rest = steps.command(specs["swayrec-monitoring"], name, told | given, tmp_path / name)
        run(*rest, options=[f"--entrypoint={first}"], writable={tmp_path: tmp_path})
        return tmp_path / name

    return ran


def test_monitoring_comes_to_the_same_verdict(watched, artifact, tmp_path):
    from components.monitor.component import monitor

    workspace = shop.trained(tmp_path, world.log(world.LEARNED + 1))
    kept = tmp_path / "kept"
    shutil.copytree(workspace.root, kept)
    folder = watched("monitor", workspace)
    shutil.rmtree(workspace.root)
    shutil.copytree(kept, workspace.root)
    local = tmp_path / "local"
    local.mkdir()
    outputs = [artifact(local / name) for name in ("verdicts", "summary", "report")]
    monitor.python_func(str(workspace.root), "", "", *outputs)
    assert differences(folder / "verdicts", local / "verdicts", TOLERANCE) == []
    [verdict] = json.loads((folder / "verdicts").read_text(encoding="utf-8"))["verdicts"]
    assert verdict["verdict"] == "pass"
    assert "<html" in (folder / "report").read_text(encoding="utf-8").lower()


def test_a_retraining_is_begun_from_the_image(watched, tmp_path):
    from kfp.compiler import Compiler

    workspace = shop.trained(tmp_path)
    series(workspace.monitoring / "shop", "warn", "retrain")
    with kfp_server() as (server, url):
        package = tmp_path / "training.yaml"
        Compiler().compile(training, str(package))
        server.add_pipeline(package.read_bytes())
        folder = watched(
            "retrain", workspace, pipeline="swayrec-training", endpoint=url, verdicts=tmp_path / "none"
        )
        [begun] = json.loads((folder / "retraining").read_text(encoding="utf-8"))
        assert begun["status"] == "submitted" and begun["run"] in server.runs


def test_every_step_of_the_pipelines_is_run_here(specs):
    here = {"ingest", "embed", "fit_influence", "train_intent", "evaluate", "gate", "train_recommender"}
    here |= {"register", "deploy", "publish_features", "monitor", "retrain"}
    assert here == set().union(*(steps.names(spec) for spec in specs.values()))
