"""What was shown, kept beside the answering; a disk that takes nothing costs no answer."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from prometheus_client import Counter

from swayrec.operations import exposures, pseudonym
from swayrec.operations.exposures import Exposure, ExposureFiles
from swayrec.operations.workspace import Workspace
from swayrec.tables.scenario_policy import Retention

_log = logging.getLogger(__name__)
_SHOWN = Counter("swayrec_exposures", "Answers whose exposure was kept, or lost", ["result"])
for _result in ("kept", "lost"):
    _SHOWN.labels(_result)
_HOUR = 3600.0


class Exposing:
    """Keeps the exposures of a workspace's scenario, as long as its retention says.

    Args:
        workspace: where they lie.
        scenario: its name.
        retention: asked once an hour.
    """

    def __init__(self, workspace: Workspace, scenario: str, retention: Callable[[], Retention]) -> None:
        self.folder: Path = workspace.exposures / scenario
        self._files = ExposureFiles(self.folder, pseudonym.key(workspace))
        self._retention = retention

    def shown(self, answers: Sequence[Exposure], at: float) -> None:
        """Keeps what was shown at an instant (epoch seconds)."""
        try:
            self._files.append(answers, at)
        except OSError as error:
            _SHOWN.labels("lost").inc(len(answers))
            _log.error("exposures are lost: %s", error.strerror)
            return
        _SHOWN.labels("kept").inc(len(answers))

    def prune(self) -> None:
        """Removes what is older than the retention."""
        days = self._retention().exposures_days
        if days is not None:
            gone = exposures.prune(self.folder, days, time.time())
            if gone:
                _log.info("exposures older than %g days are removed: %s files", days, gone)

    async def keep_pruned(self, every: float = _HOUR) -> None:
        """Prunes every hour until it is cancelled; then the disk has all that was shown."""
        try:
            while True:
                await asyncio.get_running_loop().run_in_executor(None, self.prune)
                await asyncio.sleep(every)
        finally:
            self._files.close()
