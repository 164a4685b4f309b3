"""Evidently's own UI on a workspace, as an application for an ASGI server; nothing is sent to any other machine.

Importing Evidently takes seconds: import this module where the UI is served.
"""

import contextlib
import io
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

# Evidently's UI would tell a server of its own that it runs.
os.environ["DO_NOT_TRACK"] = "1"

from evidently.sdk.models import DashboardModel
from evidently.ui.service.app import create_app
from evidently.ui.service.base import Project
from evidently.ui.service.components.dashboard import DashboardComponent
from evidently.ui.service.components.storage import LocalStorageComponent
from evidently.ui.service.components.telemetry import TelemetryComponent
from evidently.ui.service.local_service import LocalConfig
from evidently.ui.service.managers.projects import ProjectManager
from evidently.ui.service.storage.common import NO_USER, NoopAuthManager
from evidently.ui.service.storage.local import LocalState, create_local_project_manager
from evidently.ui.service.storage.local.base import load_project
from evidently.ui.service.storage.local.watcher import WorkspaceDirHandler
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

from swayrec.operations.monitoring.panels import dashboard
from swayrec.operations.monitoring.snapshot import VerdictNumber

_log = logging.getLogger(__name__)
_UNREADABLE = (OSError, ValueError, TypeError, LookupError)

NUMBERS = (VerdictNumber,)
"""What runs are made of: Evidently can only read classes that have been imported."""


class Intact(LocalState):
    """What is in a workspace without the files that cannot be read; each of these is told of in the log."""

    def reload(self, force: bool = False) -> None:
        """Reads all projects with their runs."""
        self.location.invalidate_cache("")
        for name in self.location.listdir(""):
            if not self.location.isdir(name):
                continue
            try:
                project = load_project(self.location, name)
            except _UNREADABLE:
                _passed_over(name, "metadata.json")
                continue
            if project is not None:
                self.projects[project.id] = project.bind(self.project_manager, NO_USER.id)
                self.snapshots[project.id] = {}
                self.reload_snapshots(project.id, force=force, skip_errors=False)

    def reload_snapshot(self, project: Project, snapshot_id: UUID, skip_errors: bool = True) -> None:
        """Reads one run; Evidently calls this where a file changed, too."""
        try:
            super().reload_snapshot(project, snapshot_id, skip_errors=False)
        except _UNREADABLE:
            self.snapshots[project.id].pop(snapshot_id, None)
            # One that is being written just now is noticed again when it is whole.
            if not skip_errors:
                _passed_over(str(project.id), f"snapshots/{snapshot_id}.json")

    def read_dashboard(self, project_id: UUID | str) -> DashboardModel:
        """A project's panels; ours where it has none yet, or none that can be read."""
        try:
            there = super().read_dashboard(project_id)
        except _UNREADABLE:
            _passed_over(str(project_id), "dashboard.json")
            return dashboard()
        return there if there.panels else dashboard()


class Watcher(WorkspaceDirHandler):
    """Notices what is added while the UI is open; what cannot be read yet does not end it."""

    def dispatch(self, event: FileSystemEvent) -> None:
        """Takes in one change of a file."""
        try:
            super().dispatch(event)
        except _UNREADABLE as error:
            _log.debug("%s: %s", event.src_path, error)
        for project in list(self.state.projects):
            self.state.snapshots.setdefault(project, {})


class IntactStorage(LocalStorageComponent):
    """Where the UI reads from."""

    class Config:
        """How Evidently's settings would name it."""

        type_alias = "swayrec_intact"

    def project_manager_provider(self) -> Callable[[], Awaitable[ProjectManager]]:
        """Makes what the UI asks for projects, runs and panels; it notices runs that are added meanwhile."""

        async def made() -> ProjectManager:
            state = Intact(self.path, None)
            state.reload()
            manager = create_local_project_manager(
                self.path, autorefresh=False, auth=NoopAuthManager(), state=state
            )
            observer = Observer()
            observer.schedule(Watcher(state), self.path, recursive=True)
            observer.start()
            return manager

        return made


def evidently_ui(folder: Path) -> Any:
    """The UI of the workspace in a folder, a Litestar application."""
    config = LocalConfig(
        storage=IntactStorage(path=str(folder)),
        dashboard=DashboardComponent(path=str(folder)),
        telemetry=TelemetryComponent(enabled=False),
    )
    with contextlib.redirect_stdout(io.StringIO()):
        return create_app(config)


def _passed_over(project: str, name: str) -> None:
    _log.warning("%s/%s of Evidently's workspace is damaged and is not shown", project, name)
