"""What a verdict asks for besides a retraining: an end of the experiment, or the champion before back in its place."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from swayrec.operations import current, experiment
from swayrec.operations.current import Current
from swayrec.operations.lock import held
from swayrec.operations.monitoring.series import Series, Verdict, actions_of
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError
from swayrec.tables.scenario_monitoring import Action

FILE = "acts.jsonl"


@dataclass(frozen=True)
class Act:
    """What was done: on which window's word (``since``), to which ``version``, when (ISO 8601), and in words."""

    since: str
    action: Action
    version: int
    at: str
    told: str


def act(workspace: Workspace, service: Callable[[str], str] | None = None) -> list[Act]:
    """Does what the newest verdict on what serves now asks for, once, and keeps a line of each.

    What cannot be done (there is no champion before) is told, and everything stays as it is.

    Args:
        workspace: with verdicts.
        service: rolls a scenario back in the InferenceService that serves it, and says how that went; None = what
            serves reads the workspace.

    Raises:
        InputError: nothing is trained.
    """
    workspace = Workspace(workspace.root.resolve())
    now = Current.read(workspace)
    works: dict[Action, Work] = {"stop_canary": _stop, "roll_back": _roll_back}
    if service is not None:
        works["roll_back"] = lambda workspace, verdict: service(verdict["scenario"])
    folder = workspace.monitoring / now.name
    with held(folder / f".{FILE}.lock", wait=True):
        now = Current.read(workspace)
        verdict = Series.read(folder).newest
        if verdict is None or verdict["champion"]["version"] != now.version:
            return []
        done = [
            made
            for action, work in works.items()
            if action in actions_of(verdict) and (made := _done(workspace, verdict, action, work))
        ]
        with (folder / FILE).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in done)
    return done


def acts(folder: Path) -> list[Act]:
    """All that was done in a scenario's series, oldest first."""
    path = folder / FILE
    if not path.exists():
        return []
    return [Act(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]


Work = Callable[[Workspace, Verdict], str | None]


def _done(workspace: Workspace, verdict: Verdict, action: Action, work: Work) -> Act | None:
    try:
        told = work(workspace, verdict)
    except InputError as error:
        told = f"could not be done: {error}"
    if told is None:
        return None
    version, at = Current.read(workspace).version, datetime.now(UTC).isoformat(timespec="seconds")
    return Act(verdict["window"]["since"], action, version, at, told)


def _stop(workspace: Workspace, verdict: Verdict) -> str | None:
    """Ends the experiment that the verdict is on; None = it has ended."""
    running = experiment.read(workspace)
    if running is None or running.name != verdict["state"]["canary"]:
        return None
    experiment.end(workspace)
    return f"experiment {running.name} with version {running.version} was ended: everyone gets the champion"


def _roll_back(workspace: Workspace, verdict: Verdict) -> str:
    champion = Registry(workspace).rollback(verdict["scenario"])
    current.follow(workspace, champion)
    return f"version {champion.number} is the champion again, in place of {verdict['champion']['version']}"
