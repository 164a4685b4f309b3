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
    evaluation: dsl.Input[dsl.Artifact],
    decision: dsl.Input[dsl.Artifact],
    registration: dsl.Output[dsl.Artifact],
) -> None:
    """Registers the model with its metrics, data fingerprint, code version and reference statistics.

    Args:
        scenario: path of the scenario file.
        workspace: folder with the registry.
        dataset: the canonical tables.
        influence: the fitted influence and what validation chose.
        model: the model to register.
        evaluation: its metrics and report.
        decision: whether it becomes the champion.
        registration: JSON: the version, the model's folder in the registry, its alias.
    """
    from pathlib import Path

    from swayrec.operations import registry
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("register") as say:
        asked = scenarios.load(Path(scenario))
        inputs = Dataset(Path(dataset.path)), Path(influence.path), Path(model.path)
        judged = Path(evaluation.path), Path(decision.path)
        say(registry.register(asked, Workspace(Path(workspace)), *inputs, *judged, Path(registration.path)))
