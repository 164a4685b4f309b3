"""The component `gate`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def gate(
    scenario: str,
    workspace: str,
    dataset: dsl.Input[dsl.Dataset],
    evaluation: dsl.Input[dsl.Artifact],
    decision: dsl.Output[dsl.Artifact],
) -> None:
    """Decides whether the model may become the champion, and says why.

    Args:
        scenario: path of the scenario file.
        workspace: folder with the registry that holds the champion.
        dataset: the canonical tables.
        evaluation: the new model's metrics of each case.
        decision: JSON: promote or not, and the reasons.
    """
    from pathlib import Path

    from swayrec.operations import promotion
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("gate") as say:
        asked, folder = scenarios.load(scenario), Workspace(Path(workspace))
        made = promotion.judged(asked, folder, Dataset(Path(dataset.path)), Path(evaluation.path))
        made.write(Path(decision.path))
        say("; ".join(made.reasons))
