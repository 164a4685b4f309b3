"""The component `retrain`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def retrain(
    workspace: str,
    until: str,
    pipeline: str,
    endpoint: str,
    service: str,
    namespace: str,
    share: float,
    minutes: float,
    prometheus: str,
    verdicts: dsl.Input[dsl.Artifact],
    retraining: dsl.Output[dsl.Artifact],
) -> None:
    """Does what a verdict asks for, once: starts a run of the training pipeline, ends an experiment, rolls back.

    It also looks how an earlier run went.

    Args:
        workspace: folder of the series of verdicts.
        until: ISO 8601 time; what is learned ends there. Empty = all there is.
        pipeline: name of the training pipeline as it was uploaded.
        endpoint: URL of the KFP API server. Empty = that of the cluster which this runs in.
        service: name of the InferenceService that serves. Empty = none: what serves reads the workspace.
        namespace: its namespace. Empty = that of this pod.
        share: of the users that get a canary of a new model first; 0 = no canary.
        minutes: how long the canary is watched.
        prometheus: URL of the Prometheus that has the transformers' metrics.
        verdicts: what was found; it is in the series already.
        retraining: JSON: the records of retrainings that began or ended; [] = none is due.
    """
    import json
    from functools import partial
    from pathlib import Path

    from serving import posted_export
    from swayrec.operations.monitoring import telling
    from swayrec.operations.monitoring.acting import act
    from swayrec.operations.monitoring.cluster_retraining import retrained
    from swayrec.operations.monitoring.kfp_training import KfpTraining
    from swayrec.operations.rollout.cluster import rolled_back
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace

    with step("retrain") as say:
        place = Workspace(Path(workspace))
        place = Workspace(place.root.resolve())
        back = partial(rolled_back, place, service, namespace) if service else None
        for done in act(place, back):
            say(f"{done.action}: {done.told}")
        rollout: dict[str, str | float] = {
            "service": service,
            "namespace": namespace,
            "share": share,
            "minutes": minutes,
            "prometheus": prometheus,
        }
        kfp, posted = KfpTraining(pipeline, endpoint), partial(posted_export.export, place)
        records = retrained(place, kfp, until, posted, rollout if service else None)
        for record in records:
            say(f"{record.window['since']}: {record.status}: {'; '.join(record.told)}")
            for untold in telling.retraining(place.monitoring / record.scenario, record):
                say(untold.en)
        made = [record.to_json() for record in records]
        Path(retraining.path).write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
        if not records:
            say("nothing is due")
