"""A version of a scenario's registered model, as the registry tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

from swayrec.learning.exports import numbered
from swayrec.tables import objects

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

PREFIX = "swayrec-"
"""What a registered model's name begins with; the scenario's name follows."""

CHAMPION = "champion"
CHALLENGER = "challenger"


@dataclass(frozen=True)
class Version:
    """One registered model of a scenario.

    ``source`` is the plain URI of the model folder (TF Serving's model_base_path, KServe's storageUri), below
    which stand numbered exports. ``previous`` is the champion that this version took the alias from: a
    rollback returns to it. ``run`` is MLflow's id of the run that holds artifacts, parameters and metrics.
    ``fetched`` is where what lies in object storage is brought to.
    """

    scenario: str
    number: int
    source: str
    aliases: tuple[str, ...]
    promoted: bool
    reasons: tuple[str, ...]
    fingerprint: str
    code_version: str
    created: datetime
    previous: int | None
    run: str
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    fetched: Path

    @classmethod
    def of(cls, found: "ModelVersion", run: "Run", aliases: Mapping[str, int], fetched: Path) -> "Version":
        """The version that MLflow tells of by its registry, the run behind it and the model's aliases."""
        tags, number = found.tags, int(found.version)
        reasons = [name for name in tags if name.startswith("reason_")]
        reasons.sort(key=lambda name: int(name.removeprefix("reason_")))
        return cls(
            scenario=found.name.removeprefix(PREFIX),
            number=number,
            source=found.source,
            aliases=tuple(sorted(alias for alias, holder in aliases.items() if holder == number)),
            promoted=tags["promoted"] == "true",
            reasons=tuple(tags[name] for name in reasons),
            fingerprint=tags["fingerprint"],
            code_version=tags["code_version"],
            created=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
            previous=int(tags["previous"]) if "previous" in tags else None,
            run=found.run_id,
            parameters=dict(run.data.params),
            metrics=dict(run.data.metrics),
            fetched=fetched,
        )

    @property
    def name(self) -> str:
        """How people and the command line call it: scenario and number."""
        return f"{self.scenario}/{self.number}"

    @property
    def place(self) -> str:
        """Where the model folder lies: a path, or the URI of object storage."""
        return self.source if objects.is_remote(self.source) else unquote(urlparse(self.source).path)

    @cached_property
    def model(self) -> Path:
        """The model folder here: numbered exports, each with saved_model.pb.

        All that was kept with the version lies beside it. Where that is object storage, it is brought here first.

        Raises:
            InputError: it cannot be brought.
        """
        if not objects.is_remote(self.source):
            return Path(self.place)
        folder, _, name = self.source.rpartition("/")
        return objects.fetched(folder, self.fetched) / name

    @property
    def trained(self) -> Path:
        """The export that the training left; those after it have the tables of refreshes."""
        exports = numbered(self.model)
        return exports[min(exports)]

    @property
    def reference(self) -> Path:
        """The folder of reference statistics and the sample."""
        return self.model.parent / "reference"

    @property
    def report(self) -> Path:
        """The folder of the evaluation's report."""
        return self.model.parent / "report"
