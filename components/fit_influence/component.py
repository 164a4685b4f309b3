"""The component `fit_influence`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def fit_influence(
    scenario: str,
    engine: str,
    dataset: dsl.Input[dsl.Dataset],
    vectors: dsl.Input[dsl.Artifact],
    influence: dsl.Output[dsl.Artifact],
) -> None:
    """Learns how much each kind of past event sways the next choice; validation chooses the form.

    Args:
        scenario: path of the scenario file.
        engine: what adds up the users' choices, duckdb (in this step) or spark (on its workers). Empty = what
            SWAYREC_ENGINE names, else duckdb.
        dataset: the canonical tables.
        vectors: vectors of the items' texts.
        influence: weights and intervals, the choice of form and ridge, the tables of each stage.
    """
    from pathlib import Path

    from swayrec.operations import training
    from swayrec.operations.step import step
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("fit_influence") as say:
        asked = scenarios.load(scenario)
        training.fit_influence(
            asked,
            Dataset(Path(dataset.path)),
            Path(vectors.path),
            Path(influence.path),
            say,
            engine or None,
        )
