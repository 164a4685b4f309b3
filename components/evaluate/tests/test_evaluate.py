import json

import pytest
from kfp import dsl

from components.evaluate.component import evaluate
from swayrec.evaluation.judgment import Judgment

pytestmark = pytest.mark.timeout(900)


def test_metrics_of_the_model_are_logged_and_the_report_is_written(made, groceries, artifact, tmp_path):
    out, metrics = tmp_path / "evaluation", dsl.Metrics(uri=str(tmp_path / "metrics"))
    inputs = (
        made("ingest", "dataset"),
        made("fit_influence", "influence"),
        made("train_recommender", "model_test"),
    )
    evaluate.python_func(str(groceries), *map(artifact, inputs), artifact(out), metrics)
    judgment = Judgment.read(out)
    assert metrics.metadata["ndcg"] == judgment.means[judgment.model]["ndcg"].mean
    assert "windowed_popular" in judgment.systems
    assert (out / "report.html").stat().st_size > 10_000
    assert (out / "report.md").exists()
    # kfp.local takes an output without a file for lost, and the step would never be cached.
    assert (tmp_path / "metrics").exists()
    json.dumps(metrics.metadata)
