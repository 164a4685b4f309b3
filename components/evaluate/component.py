"""The component `evaluate`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def evaluate(
    scenario: str,
    workspace: str,
    dataset: dsl.Input[dsl.Dataset],
    vectors: dsl.Input[dsl.Dataset],
    influence: dsl.Input[dsl.Artifact],
    model_test: dsl.Input[dsl.Model],
    evaluation: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
) -> None:
    """Scores the exported model and the baselines on the test part and writes the report.

    Args:
        scenario: path of the scenario file.
        workspace: folder of the ledger of test touches.
        dataset: the canonical tables.
        vectors: of the items' texts, which the model may read.
        influence: the fitted influence and what validation chose.
        model_test: the model that has not seen the test part.
        evaluation: metrics, metrics of each case, the report in HTML and Markdown, plots.
        metrics: the model's metrics, for the pipeline's dashboard.
    """
    from pathlib import Path

    from swayrec.evaluation.ledger import Ledger
    from swayrec.operations import training
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("evaluate") as say:
        asked = scenarios.load(scenario)
        inputs = Path(vectors.path), Path(influence.path), Path(model_test.path)
        ledger = Ledger(Workspace(Path(workspace)).ledger)
        scores = training.evaluate(
            asked, Dataset(Path(dataset.path)), *inputs, ledger, Path(evaluation.path), say
        )
        for name, value in scores.items():
            metrics.log_metric(name, value)
        # kfp.local takes an output without a file for one that was lost, and would never find it cached.
        Path(metrics.path).touch()
