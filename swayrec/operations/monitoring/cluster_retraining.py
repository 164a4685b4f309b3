"""The retraining that is due, on a cluster: how an earlier run went, and a new one where it is needed."""

from collections.abc import Callable, Mapping

from swayrec.operations.current import Current
from swayrec.operations.monitoring.kfp_training import KfpTraining
from swayrec.operations.monitoring.retraining import Busy, Retraining, records, retrain, settle
from swayrec.operations.registry import Registry
from swayrec.operations.training_arguments import training_arguments
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.posted import Posted


def retrained(
    workspace: Workspace,
    kfp: KfpTraining,
    until: str = "",
    posted: Callable[[str], Posted | None] = lambda scenario: None,
    rollout: Mapping[str, str | float] | None = None,
) -> list[Retraining]:
    """The records that changed: of runs that have ended since, and of one that was begun now.

    Args:
        workspace: with a finished training and verdicts.
        kfp: where trainings run.
        until: ISO 8601 time; events at or after it are ignored. Empty = all events.
        posted: exports what was posted to a scenario's intake.
        rollout: the training pipeline's parameters that say which service takes up what it promotes; None = none does.

    Raises:
        InputError: nothing is trained, or a raw file of the scenario is missing.
    """
    workspace = Workspace(workspace.root.resolve())
    current = Current.read(workspace)
    scenario = scenarios.load(current.scenario)
    folder = workspace.monitoring / scenario.name
    changed = [
        after
        for record in records(folder)
        if record.status == "submitted"
        and (after := settle(folder, record, kfp.settled(record, Registry(workspace)))) is not None
    ]

    def work(record: Retraining) -> Retraining:
        arguments = training_arguments(workspace, scenario, current.asked, until, posted(scenario.name))
        return kfp.submitted(record, {**arguments, **(rollout or {})})

    begun = retrain(folder, lambda: Current.read(workspace).version, work, until)
    return changed if begun is None or isinstance(begun, Busy) else [*changed, begun]
