import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipelines import local
from swayrec.operations.current import Current
from swayrec.operations.registry import Registry

ROOT = Path(__file__).parents[2]
STEPS = {
    "ingest",
    "deploy",
    "embed",
    "fit_influence",
    "train_intent",
    "train_recommender",
    "evaluate",
    "gate",
    "register",
    "publish_features",
}


class Told:
    """Keeps which steps ran and which were cached."""

    def __init__(self):
        self.ran, self.kept = set(), set()

    def started(self, step):
        pass

    def said(self, step, text):
        pass

    def finished(self, step, seconds):
        self.ran.add(step)

    def cached(self, step):
        self.kept.add(step)


@pytest.mark.timeout(900)
def test_training_leaves_a_registered_model_with_report_and_features(trained):
    current = Current.read(trained)
    version = Registry(trained).show(current.newest, "ecommerce")
    assert (current.newest, current.version, current.model) == (version.number, version.number, version.model)
    assert list(current.model.glob("*/saved_model.pb"))
    assert (trained.reports / "ecommerce" / "report.html").exists()
    assert not list((trained.reports / "ecommerce").glob("*.npz"))
    assert (version.reference / "reference.json").exists()
    assert current.learned.exists()
    assert (trained.features / "ecommerce" / "publication.json").exists()


@pytest.mark.timeout(900)
def test_second_run_changes_nothing_and_only_looks_at_feature_store_and_registry(trained, groceries):
    before, versions = Current.read(trained), Registry(trained).versions()
    receipt = (trained.features / "ecommerce" / "publication.json").read_text()
    told = Told()
    assert local.run(trained, groceries, "", told) == before
    assert (told.ran, told.kept) == ({"publish_features", "deploy"}, STEPS - {"publish_features", "deploy"})
    assert Registry(trained).versions() == versions
    assert (trained.features / "ecommerce" / "publication.json").read_text() == receipt


def test_same_definition_compiles_for_a_cluster_with_the_image_of_the_environment(tmp_path):
    out = tmp_path / "training.yaml"
    kfp = str(Path(sys.executable).with_name("kfp"))
    command = [kfp, "dsl", "compile", "--py", "pipelines/training.py", "--output", str(out)]
    environment = {**os.environ, "SWAYREC_IMAGE": "registry.example/swayrec:7", "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    compiled, _ = yaml.safe_load_all(out.read_text())
    executors = compiled["deploymentSpec"]["executors"]
    assert {name.removeprefix("exec-").replace("-", "_") for name in executors} == STEPS
    parameters = compiled["root"]["inputDefinitions"]["parameters"]
    assert {parameters[name]["defaultValue"] for name in ("image", "gpu_image")} == {
        "registry.example/swayrec:7"
    }
    assert "pip install" not in out.read_text()
