"""Keeps the rules after ranking fresh: the scenario's policy, over what the newest dataset says of its items."""

import asyncio
import logging
from pathlib import Path

from swayrec.operations.current import Current
from swayrec.operations.item_facts import facts
from swayrec.operations.rules import Rules
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)


class PolicyRules:
    """``held`` are the rules of the workspace's scenario, ``retention`` says how long what is shown is kept; a
    change of its file holds within a minute.

    Raises:
        InputError: on making one: the scenario cannot be read, or its policy speaks of labels and the dataset
            that has them cannot be read: what must not be shown might be.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._read: tuple[Path, int, Path] | None = None
        scenario = scenarios.load(Current.read(workspace).scenario)
        self.held, self.retention = Rules(scenario.policy), scenario.retention
        if scenario.policy.sensitive:
            self._renew()
        else:
            self.refresh()

    def refresh(self) -> None:
        """Reads scenario and dataset anew where they changed; where they cannot be read, the old rules stay."""
        try:
            self._renew()
        except (InputError, OSError) as error:
            _log.error("the rules after ranking stay as they are: %s", error)

    async def keep_fresh(self, every: float = 60.0) -> None:
        """Refreshes every minute until it is cancelled; the reading runs beside the event loop."""
        while True:
            await asyncio.sleep(every)
            await asyncio.get_running_loop().run_in_executor(None, self.refresh)

    def _renew(self) -> None:
        current = Current.read(self._workspace)
        scenario = scenarios.load(current.scenario)
        state = (current.scenario, current.scenario.stat().st_mtime_ns, current.dataset)
        if state != self._read:
            self.held = Rules(scenario.policy, facts(Dataset(current.dataset).items(), scenario.policy))
            self.retention = scenario.retention
            self._read = state
