"""Runs the training pipeline on this machine with kfp.local, one run at a time in a workspace."""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

from kfp import local

from pipelines.runlog import RunLog, Watcher
from pipelines.step_cache import StepCache
from pipelines.training import training
from serving import posted_export
from swayrec.operations import fingerprint, tether
from swayrec.operations.current import Current
from swayrec.operations.deployment import UnregisteredError
from swayrec.operations.lock import locked
from swayrec.operations.training_arguments import training_arguments
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError


class StepError(RuntimeError):
    """A step failed for a reason that is not the user's input; names the step, its last words and the log."""


def run(workspace: Workspace, scenario: Path, until: str, watcher: Watcher) -> Current:
    """Trains, and makes the result the workspace's newest training.

    A step whose code and inputs have not changed since an earlier run is not run again, so a run that was
    stopped goes on where it stopped.

    Args:
        until: ISO 8601 time; events at or after it are ignored. Empty = all events.

    Raises:
        InputError: the scenario, the data or the workspace is wrong.
        StepError: a step failed otherwise.
    """
    asked = scenarios.load(scenario)
    fingerprint.raw_files(asked, scenario)  # Before anybody waits: is there something to read?
    scenario = scenario.resolve()
    workspace = Workspace(workspace.root.resolve())
    with locked(workspace), tether.owning():
        posted = posted_export.export(workspace, asked.name)
        arguments = training_arguments(workspace, asked, str(scenario), until, posted)
        cache = StepCache(workspace)
        cache.sweep()
        try:
            _run(workspace, arguments, watcher, cache)
        except InputError as error:
            unknown = UnregisteredError.of(str(error))
            if unknown is None:
                raise
            # The registry was lost or put back; only the step itself can tell what it has to know.
            cache.forget(unknown.place)
            _run(workspace, arguments, watcher, cache)
        return Current.read(workspace)


def _run(workspace: Workspace, arguments: dict[str, str], watcher: Watcher, cache: StepCache) -> None:
    local.init(
        runner=local.SubprocessRunner(use_venv=False),
        pipeline_root=str(workspace.runs),
        enable_caching=True,
        cache_root=str(workspace.step_cache),
    )
    workspace.logs.mkdir(parents=True, exist_ok=True)
    path = workspace.logs / "training.log"
    # Line by line: who watches a long run, or looks for why one was killed, finds all that was printed.
    with path.open("w", encoding="utf-8", buffering=1) as file, _heard(RunLog(file, watcher)) as log:
        try:
            training(**arguments)
        except RuntimeError as error:
            # kfp.local keeps no exception of the step: what it printed is all there is.
            if log.error:
                raise InputError(log.error) from None
            if not log.step:
                raise
            raise StepError(
                f"step {log.step} failed: {log.last}; all that it printed is in {path}"
            ) from error
        finally:
            cache.note()


@contextlib.contextmanager
def _heard(log: RunLog) -> Iterator[RunLog]:
    """While the block runs, standard output and kfp's log records go to ``log``.

    Warnings are silenced: kfp's are about images, which do not matter on one machine.
    """
    root, handler = logging.getLogger(), log.handler()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        with contextlib.redirect_stdout(log), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield log
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
