"""The component `train_intent`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def train_intent(
    scenario: str,
    dataset: dsl.Input[dsl.Dataset],
    vectors: dsl.Input[dsl.Artifact],
    influence: dsl.Input[dsl.Artifact],
    intent: dsl.Output[dsl.Model],
) -> None:
    """Learns what the user is about to do from the sequence; kept only where validation says that it adds.

    Args:
        scenario: path of the scenario file.
        dataset: the canonical tables.
        vectors: vectors of the items' texts.
        influence: the fitted influence and what validation chose.
        intent: the intent model, or the word that the closed form is kept.
    """
    from pathlib import Path

    from swayrec.operations import training
    from swayrec.operations.step import step
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("train_intent") as say:
        asked = scenarios.load(scenario)
        folders = Path(vectors.path), Path(influence.path), Path(intent.path)
        training.train_intent(asked, Dataset(Path(dataset.path)), *folders, say)
