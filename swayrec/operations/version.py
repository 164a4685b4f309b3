"""A version of a scenario's registered model, as the registry tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlparse

CHAMPION = "champion"
CHALLENGER = "challenger"


@dataclass(frozen=True)
class Version:
    """One registered model of a scenario.

    ``source`` is the plain URI of the model folder (TF Serving's model_base_path, KServe's storageUri), below
    which stand numbered exports. ``previous`` is the champion that this version took the alias from: a
    rollback returns to it. ``run`` is MLflow's id of the run that holds artifacts, parameters and metrics.
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

    @property
    def name(self) -> str:
        """How people and the command line call it: scenario and number."""
        return f"{self.scenario}/{self.number}"

    @property
    def model(self) -> Path:
        """The model folder: numbered exports, each with saved_model.pb."""
        return Path(unquote(urlparse(self.source).path))

    @property
    def reference(self) -> Path:
        """The folder of reference statistics and the sample."""
        return self.model.parent / "reference"

    @property
    def report(self) -> Path:
        """The folder of the evaluation's report."""
        return self.model.parent / "report"
