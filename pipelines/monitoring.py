"""The monitoring pipeline, as a recurring run on a cluster: may the model stay, and a retraining where it may not."""

from typing import NamedTuple

from kfp import dsl

from components.monitor.component import monitor
from components.retrain.component import retrain
from pipelines.placement import IMAGE, Needs, placed


class Outputs(NamedTuple):
    """What a monitoring leaves behind."""

    verdicts: dsl.Artifact
    retraining: dsl.Artifact


@dsl.pipeline(
    name="swayrec-monitoring",
    description="A verdict on what came in and what was shown, and a retraining where it asks for one.",
)
def monitoring(
    workspace: str = "/workspace",
    since: str = "",
    until: str = "",
    training: str = "swayrec-training",
    endpoint: str = "",
    service: str = "",
    namespace: str = "",
    share: float = 0.1,
    minutes: float = 60.0,
    prometheus: str = "",
    image: str = IMAGE,
) -> Outputs:
    """A verdict on what came in and what was shown, and a retraining where it asks for one.

    Args:
        workspace: folder of a finished training, of what was posted and of what was shown.
        since: ISO 8601 time; every window from then on is looked at. Empty = only the newest.
        until: ISO 8601 time; windows that end later are not looked at. Empty = now, or the end of an archived log.
        training: name of the training pipeline as it was uploaded.
        endpoint: URL of the KFP API server. Empty = that of the cluster which this runs in.
        service: name of the InferenceService that serves. Empty = none: what serves reads the workspace.
        namespace: its namespace. Empty = that of the pipeline's pods.
        share: of the users that get a canary of a new model first; 0 = no canary.
        minutes: how long the canary is watched.
        prometheus: URL of the Prometheus that has the transformers' metrics.
        image: of the steps on a cluster.
    """
    # What a step looks at changes without its arguments.
    watched = monitor(workspace=workspace, since=since, until=until)
    placed(watched, Needs("2", "8G", 120), image).set_caching_options(False)
    started = retrain(
        workspace=workspace,
        until=until,
        pipeline=training,
        endpoint=endpoint,
        service=service,
        namespace=namespace,
        share=share,
        minutes=minutes,
        prometheus=prometheus,
        verdicts=watched.outputs["verdicts"],
    )
    placed(started, Needs("500m", "2G", 60), image).set_caching_options(False)
    return Outputs(watched.outputs["verdicts"], started.outputs["retraining"])
