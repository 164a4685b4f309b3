"""A rollout as a pipeline's step and the command line ask for it: by names and addresses."""

from collections.abc import Callable

from swayrec.operations.current import Current
from swayrec.operations.registry import Registry
from swayrec.operations.rollout.inference_service import InferenceService
from swayrec.operations.rollout.measured import Prometheus
from swayrec.operations.rollout.plan import Plan
from swayrec.operations.rollout.rollout import Rollout
from swayrec.operations.rollout.taken import Posted, nothing_posted
from swayrec.operations.workspace import Workspace


def rollout(
    workspace: Workspace,
    service: str,
    namespace: str = "",
    prometheus: str = "",
    posted: Posted = nothing_posted,
    say: Callable[[str], None] = lambda text: None,
) -> Rollout:
    """Rollouts to a service of the cluster that this runs in, or that the kubeconfig names.

    Args:
        workspace: by an absolute path.
        service: name of the InferenceService.
        namespace: '' = that of this pod, or of the kubeconfig's context.
        prometheus: URL; '' = there is none, so no canary can be watched.
        posted: opens the intake's log of a scenario, for what people took.
        say: told how it goes on.

    Raises:
        InputError: there is no cluster to be found.
    """
    figures = Prometheus(prometheus) if prometheus else None
    return Rollout(workspace, InferenceService(service, namespace), figures, posted, say)


def rolled_back(workspace: Workspace, service: str, namespace: str, scenario: str) -> str:
    """Rolls a scenario back in a service, and says how that went.

    Raises:
        InputError: as :meth:`Rollout.rollback`, or the version before does not become ready.
    """
    version, outcome = rollout(workspace, service, namespace).rollback(scenario, Plan())
    return f"version {version.number} is the champion again: {outcome.check(version.name)}"


def roll_out(
    workspace: Workspace,
    current: Current,
    service: str,
    namespace: str,
    prometheus: str,
    plan: Plan,
    posted: Posted = nothing_posted,
    say: Callable[[str], None] = lambda text: None,
) -> Current:
    """Rolls the newest training's version out; what the workspace stands at afterwards.

    Raises:
        InputError: as :meth:`Rollout.promote`.
    """
    version = Registry(workspace).show(current.newest, current.name)
    rollout(workspace, service, namespace, prometheus, posted, say).promote(version, plan)
    return Current.read(workspace)
