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
    service: str,
    namespace: str,
    share: float,
    minutes: float,
    prometheus: str,
    deployed: dsl.Output[dsl.Artifact],
) -> None:
    """Makes a finished training what its workspace stands at, and rolls a promoted model out to an InferenceService.

    Args:
        scenario: path or URI of the scenario file.
        workspace: folder that serving and monitoring see too.
        dataset: the canonical tables.
        influence: the fitted influence and what validation chose.
        evaluation: metrics and report.
        decision: whether the model becomes the champion.
        registered: the model in the registry.
        service: name of the InferenceService that serves on a cluster. Empty = none: what serves reads the workspace.
        namespace: its namespace. Empty = that of this pod.
        share: of the users that get a canary first; 0 = no canary.
        minutes: how long the canary is watched.
        prometheus: URL of the Prometheus that has the transformers' metrics.
        deployed: JSON: what the workspace stands at.
    """
    from functools import partial
    from pathlib import Path

    from serving.posted_since import posted_since
    from swayrec.operations import deployment
    from swayrec.operations.gate import Decision
    from swayrec.operations.rollout.cluster import roll_out
    from swayrec.operations.rollout.plan import Plan
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
        if service and Decision.read(Path(decision.path)).promote:
            plan, where = Plan(share=share, minutes=minutes), (service, namespace, prometheus)
            current = roll_out(place, current, *where, plan, posted=partial(posted_since, place), say=say)
        Path(deployed.path).write_bytes(place.current.read_bytes())
        say(f"version {current.version} is served")
