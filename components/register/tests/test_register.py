import json
from pathlib import Path

import pytest

from components.register.component import register
from swayrec.operations.monitoring.baseline import Baseline
from swayrec.operations.monitoring.learned_influence import LearnedInfluence
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios

pytestmark = pytest.mark.timeout(900)


def test_model_is_registered_with_report_influence_and_reference(made, groceries, artifact, tmp_path):
    inputs = (
        made("ingest", "dataset"),
        made("fit_influence", "influence"),
        made("train_recommender", "model"),
        made("train_recommender", "answers"),
        made("evaluate", "evaluation"),
        made("gate", "decision"),
    )
    out = artifact(tmp_path / "registered")
    register.python_func(str(groceries), str(tmp_path / "workspace"), *map(artifact, inputs), "", out)
    version = Registry(Workspace(tmp_path / "workspace")).champion("ecommerce")
    assert out.uri == str(version.model)
    assert out.metadata == {"version": 1, "name": "ecommerce/1"}
    assert list(Path(out.uri).glob("*/saved_model.pb"))
    assert version.parameters["form"]
    assert version.parameters["split.protocol"] == "time"
    assert version.metrics["ndcg"] > 0.1
    assert (version.report / "report.html").exists()
    assert (version.report / "influence.json").exists()
    assert not list(version.report.rglob("*.npz")), "no user's id in a report"
    reference = json.loads((version.reference / "reference.json").read_text())
    assert reference["fingerprint"] == version.fingerprint
    assert reference["score"]["count"] > 1_000
    usual = Baseline.read(version.reference)
    assert len(usual.windows) == 12 and "vectors" in usual.families
    learned = LearnedInfluence.read(version.reference, scenarios.load(groceries))
    assert len(learned.w) == len(learned.total) and learned.form == version.parameters["form"]
