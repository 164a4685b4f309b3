"""What a workspace stands at: the newest finished training, the model that is served, and the newest data."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from swayrec.operations import served_models
from swayrec.operations.workspace import Workspace, written_whole
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError
from swayrec.tables.intact import intact

if TYPE_CHECKING:
    from swayrec.operations.version import Version

NUMBERS = ("newest", "version")


@dataclass(frozen=True)
class Current:
    """Absolute paths, and numbers of versions in the registry.

    ``influence``, ``evaluation``, ``decision`` and ``newest`` are the newest training's, ``dataset`` is that of
    the newest training or refresh; ``model`` and ``version`` are what is served: the scenario's champion, or the
    newest version where there is none. Kept in a file, so that serving need not ask the registry (some 10 s).
    ``scenario`` is the copy of a file that ``came_from`` object storage ('' = it did not).
    """

    scenario: Path
    dataset: Path
    influence: Path
    evaluation: Path
    decision: Path
    newest: int
    model: Path
    version: int
    came_from: str = ""

    @property
    def asked(self) -> str:
        """Where the scenario file is kept up: what the next training is asked for."""
        return self.came_from or str(self.scenario.resolve())

    @property
    def name(self) -> str:
        """The scenario's name."""
        return scenarios.load(self.scenario).name

    @property
    def learned(self) -> Path:
        """What the served model learned of each behavior's influence, as it was registered with it."""
        return self.model.parent / "report" / "influence.json"

    def write(self, workspace: Workspace) -> None:
        """Makes this what the workspace stands at; a predictor that runs serves its model soon after."""
        with written_whole(workspace.current) as path:
            path.write_text(json.dumps(asdict(self), indent=2, default=str), encoding="utf-8")
        served_models.follow(workspace)

    @classmethod
    def read(cls, workspace: Workspace) -> "Current":
        """What the workspace stands at.

        Raises:
            InputError: nothing has been trained there yet, or what it left was removed or damaged.
        """
        if not workspace.current.exists():
            raise InputError(
                f"{workspace.root}: nothing has been trained in this workspace yet; "
                "run `swayrec train SCENARIO` first"
            )
        with intact(workspace.current):
            held = json.loads(workspace.current.read_text(encoding="utf-8"))
            numbers = {name: int(held.pop(name)) for name in NUMBERS}
            came_from = held.pop("came_from", "")
            places = {name: Path(place) for name, place in held.items()}
            current = cls(**numbers, **places, came_from=came_from)  # type: ignore[arg-type]
        for name in ("dataset", "influence", "evaluation", "model"):
            place = getattr(current, name)
            if not place.exists():
                raise InputError(
                    f"{place}: the training's {name} is gone; run `swayrec train {current.scenario}` again"
                )
        return current


def follow(workspace: Workspace, champion: "Version") -> None:
    """Serves another champion from now on, where the workspace stands at that scenario."""
    if workspace.current.exists():
        current = Current.read(workspace)
        if current.name == champion.scenario:
            replace(current, model=champion.model, version=champion.number).write(workspace)
