"""Retrains on this machine what monitoring says should learn anew; the training's own gate decides on the result."""

from pipelines import local
from pipelines.runlog import Watcher
from swayrec.operations.current import Current
from swayrec.operations.gate import Decision
from swayrec.operations.monitoring.retraining import Busy, Retraining, Status
from swayrec.operations.monitoring.retraining import retrain as once
from swayrec.operations.workspace import Workspace
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError


def retrain(workspace: Workspace, watcher: Watcher, until: str = "") -> Retraining | Busy | None:
    """Trains on the newest data where a verdict asks for it and nobody has yet.

    Where the training fails, or the gate does not promote what it made, the champion serves on.

    Args:
        workspace: with a finished training and verdicts.
        watcher: is told how the training goes on.
        until: ISO 8601 time; events at or after it are ignored. Empty = all events.

    Returns:
        How it went; None = nothing is due.

    Raises:
        InputError: nothing is trained.
    """
    workspace = Workspace(workspace.root.resolve())
    folder = workspace.monitoring / Current.read(workspace).name

    def work(record: Retraining) -> Retraining:
        try:
            current = local.run(workspace, Current.read(workspace).scenario, until, watcher)
        except (InputError, local.StepError) as error:
            return record.with_end("failed", str(error))
        decision = Decision.read(current.decision)
        report = Dataset(current.dataset).report()
        data = {**record.data, "events": report["events"], "first": report["from"], "last": report["to"]}
        if current.newest == record.asked_of:
            told = f"the data are those that version {current.newest} learned from: there is nothing new to learn"
            return record.with_end("not promoted", told, version=current.newest, data=data)
        promoted = decision.promote and current.version == current.newest
        status: Status = "promoted" if promoted else "not promoted"
        return record.with_end(status, *decision.reasons, version=current.newest, data=data)

    return once(folder, lambda: Current.read(workspace).version, work, until)
