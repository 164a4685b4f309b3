import json

import pytest
from kfp import dsl

from components.evaluate.component import evaluate
from swayrec.evaluation.judgment import Judgment
from swayrec.evaluation.ledger import Ledger
from swayrec.operations.workspace import Workspace

pytestmark = pytest.mark.timeout(900)


def test_metrics_of_the_model_are_logged_and_the_report_is_written(made, groceries, artifact, tmp_path):
    out, metrics = tmp_path / "evaluation", dsl.Metrics(uri=str(tmp_path / "metrics"))
    inputs = (
        made("ingest", "dataset"),
        made("embed", "vectors"),
        made("fit_influence", "influence"),
        made("train_recommender", "model_test"),
    )
    workspace = Workspace(tmp_path / "workspace")
    evaluate.python_func(str(groceries), str(workspace.root), *map(artifact, inputs), artifact(out), metrics)
    judgment = Judgment.read(out)
    assert metrics.metadata["ndcg"] == judgment.means[judgment.model]["ndcg"].mean
    assert "windowed_popular" in judgment.systems
    assert (out / "report.html").stat().st_size > 10_000
    assert "has been touched by one setting" in (out / "report.md").read_text(encoding="utf-8")
    [touch] = Ledger(workspace.ledger).touches()
    assert (touch.scenario, touch.part) == ("ecommerce", "test")
    # kfp.local takes an output without a file for lost, and the step would never be cached.
    assert (tmp_path / "metrics").exists()
    json.dumps(metrics.metadata)
