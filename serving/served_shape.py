"""The metadata of the model that a workspace serves, as they change."""

import logging
from pathlib import Path

from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)


class ServedShape:
    """``held`` are the metadata of the newest export of the served model, of the first one's scenario.

    Raises:
        InputError: nothing has been trained in the workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._folder = newest(Current.read(workspace).model)
        self.held = Metadata.read(self._folder)
        self._refused: Path | None = None

    def renew(self) -> None:
        """Looks for another export; where none can be read, or one of another scenario, the old one stays."""
        try:
            folder = newest(Current.read(self._workspace).model)
            if folder in (self._folder, self._refused):
                return
            found = Metadata.read(folder)
        except InputError as error:
            _log.error("the model's metadata stay as they are: %s", error)
            return
        if found.scenario != self.held.scenario:
            self._refused = folder
            _log.error("%s is of scenario %s; start the intake anew to serve it", folder, found.scenario)
            return
        self._folder, self.held = folder, found
