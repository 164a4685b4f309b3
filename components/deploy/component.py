"""The component `deploy`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def deploy(
    scenario: str,
    workspace: str,
    dataset: dsl.Input[dsl.Dataset],
    influence: dsl.Input[dsl.Artifact],
    evaluation: dsl.Input[dsl.Artifact],
    decision: dsl.Input[dsl.Artifact],
    registered: dsl.Input[dsl.Model],
    deployed: dsl.Output[dsl.Artifact],
) -> None:
    """Makes a finished training what its workspace stands at: what serves, recommends and monitors reads it there.

    Args:
        scenario: path or URI of the scenario file.
        workspace: folder that serving and monitoring see too.
        dataset: the canonical tables.
        influence: the fitted influence and what validation chose.
        evaluation: metrics and report.
        decision: whether the model becomes the champion.
        registered: the model in the registry.
        deployed: JSON: what the workspace stands at.
    """
    from pathlib import Path

    from swayrec.operations import deployment
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace

    with step("deploy") as say:
        place = Workspace(Path(workspace))
        current = deployment.deploy(
            scenario,
            place,
            dataset=Path(dataset.path),
            influence=Path(influence.path),
            evaluation=Path(evaluation.path),
            decision=Path(decision.path),
            model=registered.uri,
            version=int(registered.metadata["version"]),
        )
        Path(deployed.path).write_bytes(place.current.read_bytes())
        say(f"version {current.version} is served")
