"""An experiment: two versions of a model side by side, each user always on the same side."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace, written_whole
from swayrec.tables.errors import InputError
from swayrec.tables.intact import intact

if TYPE_CHECKING:
    from swayrec.operations.version import Version

Side = Literal["champion", "challenger"]


@dataclass(frozen=True)
class Experiment:
    """What runs: ``share`` of the users get the challenger, the registry version ``version``.

    ``model`` is its model folder, ``started_at`` ISO 8601. ``address`` is ``host:port`` of its predictor where that is
    none of the workspace's own processes.
    """

    name: str
    scenario: str
    version: int
    model: str
    share: float
    started_at: str
    address: str = ""

    def side(self, user_id: str) -> Side:
        """The user's side: the same as long as the experiment has this name, whatever runs beside it.

        A larger share moves users to the challenger and none away from it.
        """
        digest = hashlib.sha256(f"{self.name}\x1f{user_id}".encode()).digest()
        return "challenger" if int.from_bytes(digest[:8]) < self.share * 2**64 else "champion"

    def variant(self, side: Side) -> str:
        """How answers and exposures name a side."""
        return f"{self.name}/{side}"


def read(workspace: Workspace) -> Experiment | None:
    """The experiment that runs; None = none does.

    Raises:
        InputError: its file is damaged.
    """
    if not workspace.experiment.exists():
        return None
    with intact(workspace.experiment):
        return Experiment(**json.loads(workspace.experiment.read_text(encoding="utf-8")))


def start(
    workspace: Workspace,
    version: "Version",
    share: float,
    name: str | None = None,
    address: str = "",
    now: datetime | None = None,
) -> Experiment:
    """Begins an experiment, or changes the share of the one of this name.

    Args:
        workspace: whose users take part.
        version: the challenger.
        share: of the users who get it.
        name: None = scenario and version, or that of the one that runs.
        address: ``host:port`` where the challenger's predictor answers; '' = where the transformer was told.
        now: the time in UTC; None = the system's.

    Raises:
        InputError: the version is the champion, or of another scenario, or its questions and answers are not
            the champion's; or another experiment runs.
    """
    current = Current.read(workspace)
    if version.scenario != current.name:
        raise InputError(
            f"version {version.name} is of another scenario than what is served, {current.name}; "
            "an experiment compares versions of one"
        )
    if version.number == current.version:
        raise InputError(f"version {version.name} is what is served already; give another")
    _check_alike(current.model, version.model)
    running = read(workspace)
    name = name or (running.name if running else f"{version.scenario}-{version.number}")
    if running and (running.name, running.version) != (name, version.number):
        raise InputError(
            f"the experiment {running.name} with version {running.version} runs; end it first "
            "(`swayrec experiment end`)"
        )
    begun = running.started_at if running else (now or datetime.now(UTC)).isoformat(timespec="seconds")
    model = str(version.model.resolve())
    made = Experiment(name, version.scenario, version.number, model, share, begun, address)
    with written_whole(workspace.experiment) as path:
        path.write_text(json.dumps(asdict(made), indent=2), encoding="utf-8")
    return made


def end(workspace: Workspace) -> Experiment:
    """Ends the experiment; everyone gets the champion again.

    Raises:
        InputError: none runs.
    """
    running = read(workspace)
    if running is None:
        raise InputError(f"{workspace.root}: no experiment runs")
    workspace.experiment.unlink()
    return running


def _check_alike(served: Path, other: Path) -> None:
    first, second = (Metadata.read(newest(model)) for model in (served, other))
    for field in ("behaviors", "targets", "seen", "languages"):
        if getattr(first, field) != getattr(second, field):
            raise InputError(
                f"{other}: its {field} are {', '.join(getattr(second, field))}, those of the served model "
                f"{', '.join(getattr(first, field))}; only versions that know the same can be compared"
            )
