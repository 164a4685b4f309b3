"""The component `train_recommender`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def train_recommender(
    scenario: str,
    dataset: dsl.Input[dsl.Dataset],
    vectors: dsl.Input[dsl.Artifact],
    influence: dsl.Input[dsl.Artifact],
    intent: dsl.Input[dsl.Model],
    model_test: dsl.Output[dsl.Model],
    model: dsl.Output[dsl.Model],
    answers: dsl.Output[dsl.Artifact],
) -> None:
    """Trains the network on top of the closed form, kept only where it adds, and exports the models.

    Args:
        scenario: path of the scenario file.
        dataset: the canonical tables.
        vectors: vectors of the items' texts.
        influence: the fitted influence and what validation chose.
        intent: the intent model.
        model_test: fitted on all events before the test part; this one is evaluated.
        model: the same settings on all events; this one is registered and served.
        answers: a sample of what that one says, for monitoring to compare with.
    """
    from pathlib import Path

    from swayrec.operations import answers as samples
    from swayrec.operations import training
    from swayrec.operations.step import step
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("train_recommender") as say:
        asked, tables = scenarios.load(scenario), Dataset(Path(dataset.path))
        inputs = Path(vectors.path), Path(influence.path), Path(intent.path)
        training.train_recommender(asked, tables, *inputs, Path(model_test.path), Path(model.path), say)
        samples.sample(asked, tables, Path(model.path), Path(answers.path))
