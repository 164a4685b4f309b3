"""The workspace: a folder that holds all that Swayrec makes. Every path in it is spelled here."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from swayrec.tables.errors import InputError


@dataclass(frozen=True)
class Workspace:
    """Paths below one root folder; nothing is made before it is needed."""

    root: Path

    @property
    def runs(self) -> Path:
        """Outputs of pipeline runs (kfp.local's pipeline root)."""
        return self.root / "runs"

    @property
    def step_cache(self) -> Path:
        """kfp.local's cache of finished steps."""
        return self.root / "cache" / "steps"

    @property
    def step_outputs(self) -> Path:
        """What each finished step's outputs held when it ended, by the names of the cache's entries."""
        return self.root / "cache" / "outputs"

    @property
    def text_cache(self) -> Path:
        """Vectors of texts by hash of encoder and text."""
        return self.root / "cache" / "texts"

    @property
    def registry_database(self) -> Path:
        """MLflow's SQLite file."""
        return self.root / "registry" / "mlflow.db"

    @property
    def registry_artifacts(self) -> Path:
        """MLflow's artifacts: model folders, reference statistics, reports."""
        return self.root / "registry" / "artifacts"

    @property
    def registry_fetched(self) -> Path:
        """Registered models of object storage, brought here."""
        return self.root / "registry" / "fetched"

    @property
    def pseudonym_key(self) -> Path:
        """The secret that pseudonyms of users are made with; only its owner may read it."""
        return self.root / "secrets" / "pseudonym.key"

    @property
    def features(self) -> Path:
        """The feature store, one folder a scenario: registry, offline Parquet files, online SQLite file."""
        return self.root / "features"

    @property
    def reports(self) -> Path:
        """The newest reports, one folder a scenario."""
        return self.root / "reports"

    @property
    def monitoring(self) -> Path:
        """What monitoring found, one folder a scenario: a verdict a window, and Evidently's workspace of them all."""
        return self.root / "monitoring"

    @property
    def evidently(self) -> Path:
        """Evidently's workspace beside the scenarios' verdicts; no scenario can be called so."""
        return self.monitoring / "evidently-workspace"

    @property
    def ledger(self) -> Path:
        """Every touch of a test split, one JSON line each."""
        return self.root / "ledger.jsonl"

    @property
    def posted(self) -> Path:
        """What was posted to the intake: an event log, a SQLite file, for each scenario."""
        return self.root / "posted"

    @property
    def exposures(self) -> Path:
        """What was shown, one folder a scenario."""
        return self.root / "exposures"

    @property
    def deployed(self) -> Path:
        """Copies of what trainings left on other machines, one folder a scenario and version."""
        return self.root / "deployed"

    @property
    def tuning(self) -> Path:
        """Searches for hyper-parameters: a study a scenario, a SQLite file, and the data that it reads."""
        return self.root / "tuning"

    @property
    def benchmarks(self) -> Path:
        """What `swayrec bench` measured, one folder a scenario."""
        return self.root / "benchmarks"

    @property
    def refreshed(self) -> Path:
        """The datasets that tables were refreshed from, one folder a scenario."""
        return self.root / "refreshed"

    @property
    def popular(self) -> Path:
        """The transformer's lists for the levels `category` and `popular`."""
        return self.root / "serving" / "popular.json"

    @property
    def served_models(self) -> Path:
        """The base path that the predictor polls: numbered links to the exports of the model that is served."""
        return self.root / "serving" / "model"

    @property
    def challenger(self) -> Path:
        """The same for the other side of an experiment."""
        return self.root / "serving" / "challenger"

    @property
    def experiment(self) -> Path:
        """A JSON file that says which experiment runs; there is none where none does."""
        return self.root / "experiment.json"

    @property
    def bentoml(self) -> Path:
        """BentoML's home: its stores of models and bentos."""
        return self.root / "bentoml"

    @property
    def logs(self) -> Path:
        """What background processes print."""
        return self.root / "logs"

    @property
    def current(self) -> Path:
        """A JSON file that names the newest finished training: scenario file, data folder, model version."""
        return self.root / "current.json"

    @property
    def lock(self) -> Path:
        """The file that a training locks; it holds the process id."""
        return self.root / "lock"

    def make(self) -> "Workspace":
        """Makes the root folder and proves that it can be written to.

        Raises:
            InputError: it cannot.
        """
        try:
            check_writable(self.root)
        except OSError as error:
            why = "there is a file in its place" if self.root.is_file() else error.strerror
            raise InputError(
                f"{self.root}: the workspace cannot be written to ({why}); give another folder with --workspace"
            ) from None
        return self


def check_writable(folder: Path) -> None:
    """Makes a folder where there is none, and proves that it can be written to.

    Raises:
        OSError: it cannot.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write a file to that appears under its own name only when the block ends without an error.

    A process that is killed half-way leaves the old file, never half of the new one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        yield Path(name)
        # mkstemp lets nobody else read; a file that people asked for has the rights of any other.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
