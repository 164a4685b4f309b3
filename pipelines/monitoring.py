"""The monitoring pipeline, as a recurring run on a cluster: may the model stay, and a retraining where it may not."""

from typing import NamedTuple

from kfp import dsl

from components.monitor.component import monitor
from components.retrain.component import retrain


class Outputs(NamedTuple):
    """What a monitoring leaves behind."""

    verdicts: dsl.Artifact
    retraining: dsl.Artifact


@dsl.pipeline(
    name="swayrec-monitoring",
    description="A verdict on what came in and what was shown, and a retraining where it asks for one.",
)
def monitoring(
    workspace: str,
    since: str = "",
    until: str = "",
    training: str = "swayrec-training",
    endpoint: str = "",
) -> Outputs:
    """A verdict on what came in and what was shown, and a retraining where it asks for one.

    Args:
        workspace: folder of a finished training, of what was posted and of what was shown.
        since: ISO 8601 time; every window from then on is looked at. Empty = only the newest.
        until: ISO 8601 time; windows that end later are not looked at. Empty = now, or the end of an archived log.
        training: name of the training pipeline as it was uploaded.
        endpoint: URL of the KFP API server. Empty = that of the cluster which this runs in.
    """
    # What a step looks at changes without its arguments.
    watched = monitor(workspace=workspace, since=since, until=until)
    watched.set_caching_options(False)
    started = retrain(
        workspace=workspace,
        until=until,
        pipeline=training,
        endpoint=endpoint,
        verdicts=watched.outputs["verdicts"],
    )
    started.set_caching_options(False)
    return Outputs(watched.outputs["verdicts"], started.outputs["retraining"])
