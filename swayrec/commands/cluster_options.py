"""Options of the commands that change what a cluster serves."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from swayrec.operations.rollout.plan import Outcome
    from swayrec.operations.rollout.rollout import Rollout
    from swayrec.operations.workspace import Workspace

Decorator = Callable[..., Any]


def to_cluster(command: Decorator) -> Decorator:
    """Where the change is made: in the workspace alone, or in an InferenceService too."""
    for option in (
        click.option(
            "--prometheus",
            metavar="URL",
            default="",
            envvar="SWAYREC_PROMETHEUS",
            show_envvar=True,
            help="The Prometheus that has the transformers' metrics.",
        ),
        click.option(
            "--namespace", default="", help="Its namespace (default: the kubeconfig's or the pod's own)."
        ),
        click.option("--service", default="swayrec", show_default=True, help="The InferenceService's name."),
        click.option(
            "--to",
            type=click.Choice(["here", "cluster"]),
            default="here",
            show_default=True,
            help="here: what serves this workspace; cluster: KServe's InferenceService too.",
        ),
    ):
        command = option(command)
    return command


def canary(command: Decorator) -> Decorator:
    """How a version is let in on a cluster."""
    for option in (
        click.option(
            "--minutes",
            type=click.FloatRange(min=0, min_open=True),
            default=60.0,
            show_default=True,
            help="How long the canary is watched.",
        ),
        click.option(
            "--share",
            type=click.FloatRange(0, 1, max_open=True),
            default=0.1,
            show_default=True,
            help="Of the users, who get the version first on a cluster; 0 = no canary.",
        ),
    ):
        command = option(command)
    return command


def rollout_of(workspace: "Workspace", service: str, namespace: str, prometheus: str) -> "Rollout":
    """Rollouts that tell on standard error how they go on."""
    from serving.posted_since import posted_since
    from swayrec.operations.rollout.cluster import rollout

    return rollout(
        workspace,
        service,
        namespace,
        prometheus,
        partial(posted_since, workspace),
        lambda text: click.echo(text, err=True),
    )


def ended(name: str, outcome: "Outcome") -> None:
    """Says how a rollout ended; one that was withdrawn is a failure to whoever asked for it.

    Raises:
        InputError: it was withdrawn.
    """
    click.echo(f"Version {name} serves and is the champion: {outcome.check(name)}")
