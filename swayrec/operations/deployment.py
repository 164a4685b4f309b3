"""The step that makes a finished training what its workspace stands at, for all that serves and monitors there."""

import shutil
from pathlib import Path

from swayrec.operations.current import Current
from swayrec.operations.lock import held
from swayrec.operations.registry import Registry
from swayrec.operations.version import CHAMPION
from swayrec.operations.workspace import Workspace
from swayrec.tables import objects
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError
from swayrec.tables.whole_folder import whole_folder

_KEPT = 2
"""Trainings that stay in the workspace: the newest, and the one that somebody may be reading."""


class UnregisteredError(InputError):
    """The registry does not know what a step registered: it was lost, or put back to an earlier time.

    ``place`` is where the model lies.
    """

    _TOLD = (
        ": the registry does not know this model (it was lost or put back); train again without cached steps"
    )

    def __init__(self, place: str) -> None:
        super().__init__(place + self._TOLD)
        self.place = place

    @classmethod
    def of(cls, told: str) -> "UnregisteredError | None":
        """The error that a step told of in these words; None where they tell of another one."""
        place, found, rest = told.partition(cls._TOLD)
        return cls(place) if found and not rest else None


def deploy(
    scenario: str,
    workspace: Workspace,
    *,
    dataset: Path,
    influence: Path,
    evaluation: Path,
    decision: Path,
    model: str,
    version: int,
) -> Current:
    """Writes the workspace's current.json: the newest training, and the scenario's champion as what is served.

    What lies in the workspace stays where it is; of a step's files that go with its machine, copies are kept in the
    workspace, and so is the served model where the registry has it in object storage.

    Args:
        scenario: path or URI of the scenario file.
        workspace: by an absolute path.
        dataset: the canonical tables.
        influence: folder with the fitted influence and what validation chose.
        evaluation: folder with the judgment and the report.
        decision: the gate's file.
        model: where the registered model lies, a path or a URI.
        version: its number in the registry.

    Raises:
        UnregisteredError: the registry does not know it.
        InputError: the scenario is wrong, or a model cannot be brought from object storage.
    """
    name = scenarios.load(scenario).name
    known = Registry(workspace).versions(name)
    newest = next((each for each in known if each.number == version and each.place == model), None)
    if newest is None:
        raise UnregisteredError(model)
    served = next((each for each in known if CHAMPION in each.aliases), newest)
    folder = workspace.deployed / name
    with held(workspace.deployed / ".lock", wait=True):
        given = {"dataset": dataset, "influence": influence, "evaluation": evaluation, "decision": decision}
        if objects.is_remote(scenario):
            given["scenario.toml"] = objects.fetched(scenario)
        kept = {
            key: _kept(workspace, path.resolve(), folder / str(version) / key) for key, path in given.items()
        }
        current = Current(
            scenario=kept.pop("scenario.toml", Path(scenario)),
            newest=version,
            model=served.model,
            version=served.number,
            came_from=scenario if objects.is_remote(scenario) else "",
            **kept,
        )
        # Cases stay behind: a report is read by people, and users' ids do not belong in it.
        shutil.copytree(
            current.evaluation,
            workspace.reports / name,
            ignore=shutil.ignore_patterns("*.npz"),
            dirs_exist_ok=True,
        )
        current.write(workspace)
        _prune(folder)
    return current


def _kept(workspace: Workspace, path: Path, copy: Path) -> Path:
    """The path itself where it lies in the workspace, else that of a copy there."""
    if path.is_relative_to(workspace.root.resolve()):
        return path
    if path.is_dir():
        with whole_folder(copy) as made:
            shutil.copytree(path, made, dirs_exist_ok=True)
    else:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return copy


def _prune(folder: Path) -> None:
    """Removes all kept trainings but the newest."""
    kept = [each for each in folder.glob("*") if each.name.isdecimal()]
    for each in sorted(kept, key=lambda each: int(each.name))[:-_KEPT]:
        shutil.rmtree(each)
