"""The component `register`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def register(
    scenario: str,
    workspace: str,
    dataset: dsl.Input[dsl.Dataset],
    influence: dsl.Input[dsl.Artifact],
    model: dsl.Input[dsl.Model],
    answers: dsl.Input[dsl.Artifact],
    evaluation: dsl.Input[dsl.Artifact],
    decision: dsl.Input[dsl.Artifact],
    service: str,
    registered: dsl.Output[dsl.Model],
) -> None:
    """Registers the model with its metrics, data fingerprint, code version and reference statistics.

    Args:
        scenario: path of the scenario file.
        workspace: folder with the registry.
        dataset: the canonical tables.
        influence: the fitted influence and what validation chose.
        model: the model to register.
        answers: a sample of what it says.
        evaluation: its metrics and report.
        decision: whether it becomes the champion.
        service: the InferenceService that has to take it up first. Empty = it becomes the champion at once.
        registered: the model in the registry: its URI, its version and its scenario.
    """
    from pathlib import Path

    from swayrec.operations import registration
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("register") as say:
        made = registration.register(
            scenarios.load(scenario),
            Workspace(Path(workspace)),
            Dataset(Path(dataset.path)),
            influence=Path(influence.path),
            model=Path(model.path),
            asked=Path(answers.path),
            evaluation=Path(evaluation.path),
            decision=Path(decision.path),
            held=bool(service),
        )
        # Where the model lies from now on: a cache that finds it gone registers it again.
        registered.uri = made.place
        registered.metadata.update(version=made.number, name=made.name)
        say(f"version {made.name} {', '.join(made.aliases)}")
