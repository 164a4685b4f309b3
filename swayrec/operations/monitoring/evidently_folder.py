"""The folder of an Evidently workspace: a project a scenario, a run a window, and the panels of its dashboard.

What is written are the files that Evidently's own ``Workspace`` writes; that one reads every run there is before it
does anything, which a damaged one ends and hundreds make slow.
"""

import json
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from evidently.legacy.utils import NumpyEncoder
from evidently.sdk.models import DashboardModel, ProjectModel
from evidently.ui.storage.local.base import LocalState

from swayrec.operations.monitoring.panels import dashboard, merged
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.series import Verdict
from swayrec.operations.monitoring.snapshot import snapshot
from swayrec.operations.monitoring.snapshot_tables import with_tables

DAMAGED = ".damaged"
"""What is added to the name of a file that could not be read: Evidently takes no notice of it then."""


class EvidentlyFolder:
    """A scenario's project in an Evidently workspace; both are made if need be."""

    def __init__(self, folder: Path, name: str, title: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._damaged: list[Sentence] = []
        self._folder, self._state = folder, LocalState(str(folder))
        self._project = self._found(name) or self._made(name, title)
        self._runs.mkdir(parents=True, exist_ok=True)
        self._panels()

    def add(self, verdict: Verdict, former: str | None = None) -> str:
        """Adds a verdict's run, in place of one on the same window (``former``, where that has another id): its id."""
        window = verdict["window"]
        run = uuid5(self._project, f"{window['start']!r} {window['end']!r}")
        if former is not None and former != str(run):
            self.remove(former)
        # By one write, not by a rename: a UI that is open notices a file that was written.
        (self._runs / f"{run}.json").write_bytes(_told(verdict))
        return str(run)

    def remove(self, run: str) -> None:
        """Removes a run; one that is gone is."""
        (self._runs / f"{run}.json").unlink(missing_ok=True)

    def put_aside(self) -> None:
        """Renames runs that are no JSON, so that nothing stumbles over them."""
        for path in sorted(self._runs.glob("*.json")):
            if not path.name.endswith(".links.json") and not _whole(path):
                self._aside(path)

    def damaged(self) -> list[Sentence]:
        """What was damaged and has been put aside; each is told once."""
        told, self._damaged = self._damaged, []
        return told

    @property
    def _runs(self) -> Path:
        return self._folder / str(self._project) / "snapshots"

    def _found(self, name: str) -> UUID | None:
        for path in sorted(self._folder.glob("*/metadata.json")):
            if not _whole(path):
                self._aside(path)
            elif (project := self._state.read_project(path.parent.name)).name == name:
                return project.id
        return None

    def _made(self, name: str, title: str) -> UUID:
        # Always the same id: a project whose file was damaged gets it anew, with all of its runs.
        project = ProjectModel(id=uuid5(NAMESPACE_URL, f"swayrec:{name}"), name=name, description=title)
        return self._state.write_project(project).id

    def _panels(self) -> None:
        path = self._folder / str(self._project) / "dashboard.json"
        if path.exists() and not _whole(path):
            self._aside(path)
        there: DashboardModel = self._state.read_dashboard(self._project)
        wanted = merged(there, dashboard())
        if wanted != there:
            self._state.write_dashboard(self._project, wanted)

    def _aside(self, path: Path) -> None:
        path.rename(path.with_name(path.name + DAMAGED))
        name = f"{path.parent.name}/{path.name}"
        self._damaged.append(
            Sentence(
                f"The file {name} of Evidently's workspace was damaged and is put aside as {path.name}{DAMAGED}.",
                f"Evidently 工作区的文件 {name} 已损坏，已改名为 {path.name}{DAMAGED} 搁置。",
            )
        )


def _told(verdict: Verdict) -> bytes:
    told = with_tables(snapshot(verdict).to_snapshot_model(), verdict)
    return json.dumps(told.dict(), cls=NumpyEncoder, ensure_ascii=False, separators=(",", ":")).encode()


def _whole(path: Path) -> bool:
    """Whether a file holds a JSON object."""
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except (OSError, ValueError):
        return False
