"""The newest finished training of a workspace: where its outputs are."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from swayrec.operations.workspace import Workspace, written_whole
from swayrec.tables.errors import InputError


@dataclass(frozen=True)
class Current:
    """Absolute paths of what the newest training made; ``version`` is the registry's number for its model."""

    scenario: Path
    dataset: Path
    influence: Path
    evaluation: Path
    model: Path
    decision: Path
    version: int

    @property
    def report(self) -> Path:
        """The report that people read."""
        return self.evaluation / "report.html"

    def write(self, workspace: Workspace) -> None:
        """Makes this the workspace's newest training."""
        with written_whole(workspace.current) as path:
            path.write_text(json.dumps(asdict(self), indent=2, default=str), encoding="utf-8")

    @classmethod
    def read(cls, workspace: Workspace) -> "Current":
        """The workspace's newest training.

        Raises:
            InputError: nothing has been trained there yet, or its outputs were removed.
        """
        if not workspace.current.exists():
            raise InputError(
                f"{workspace.root}: nothing has been trained in this workspace yet; "
                "run `swayrec train SCENARIO` first"
            )
        held = json.loads(workspace.current.read_text(encoding="utf-8"))
        version = held.pop("version")
        current = cls(version=version, **{name: Path(place) for name, place in held.items()})
        for name in ("dataset", "influence", "evaluation", "model"):
            place = getattr(current, name)
            if not place.exists():
                raise InputError(
                    f"{place}: the training's {name} is gone; run `swayrec train {current.scenario}` again"
                )
        return current
