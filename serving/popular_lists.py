"""Keeps the popular lists fresh: on disk in the workspace, in memory for the answer."""

import asyncio
import logging
from collections.abc import Sequence

from serving.popular import Popular, count
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)


class PopularLists:
    """The newest lists of a workspace; ``held`` is None only where nothing was ever counted."""

    def __init__(self, workspace: Workspace, targets: Sequence[str]) -> None:
        self._workspace = workspace
        self._targets = targets
        self.held = Popular.read(workspace.popular)

    def refresh(self) -> None:
        """Counts anew where the newest training has another dataset; otherwise the old lists stay."""
        try:
            current = Current.read(self._workspace)
            if self.held is not None and self.held.source == str(current.dataset):
                return
            dataset = Dataset(current.dataset)
            held = count(dataset.events(), dataset.items(), self._targets, str(current.dataset))
            held.write(self._workspace.popular)
            self.held = held
        except (InputError, OSError) as error:
            _log.error("the popular lists stay as they are: %s", error)

    async def keep_fresh(self, every: float = 60.0) -> None:
        """Refreshes every minute until it is cancelled; the counting runs beside the event loop."""
        while True:
            await asyncio.get_running_loop().run_in_executor(None, self.refresh)
            await asyncio.sleep(every)
