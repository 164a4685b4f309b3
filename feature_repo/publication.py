"""The receipt of a publication: what is in a scenario's feature store, and where stamps come from."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from feature_repo.offline_storage import storage
from feature_repo.wholeness import is_whole
from swayrec.operations.inventory import Inventory
from swayrec.operations.workspace import written_whole
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from swayrec.tables.intact import intact

FILE = "publication.json"


@dataclass(frozen=True)
class Publication:
    """What was published.

    ``rows`` counts rows by view, ``gone`` those of an earlier publication that were emptied. ``clock`` is
    "time", or "order" where the log has no clock and rows are stamped at the epoch plus one second a step.
    ``published_at`` is ISO 8601, UTC; ``fingerprint`` that of the dataset; ``files`` what lay in the folder;
    ``storage`` the URI below which the offline files were put too, '' = nowhere.
    """

    scenario: str
    folder: str
    clock: str
    rows: dict[str, int]
    gone: int
    fingerprint: str
    published_at: str
    files: Inventory = field(default_factory=dict)
    storage: str = ""

    def write(self, folder: Path) -> None:
        """Writes the receipt; it appears only when whole, after everything else of the publication."""
        with written_whole(folder / FILE) as path:
            path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Publication":
        """The receipt in a scenario's feature folder.

        Raises:
            InputError: it is missing or damaged.
        """
        with intact(folder / FILE):
            return cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))

    @classmethod
    def of(cls, folder: Path, dataset: Dataset) -> "Publication | None":
        """The receipt in a scenario's feature folder, if it is of this dataset, and younger, and still true.

        A dataset that is made anew, by other code say, is published anew, though its content be the same; so
        is one whose publication was removed or damaged, or is not in the object storage that it should be in.
        """
        try:
            receipt = cls.read(folder)
        except InputError:
            return None
        if receipt.storage != storage(receipt.scenario) or not is_whole(folder, receipt.rows, receipt.files):
            return None
        made = datetime.fromtimestamp(dataset.folder.stat().st_mtime, UTC)
        fresh = datetime.fromisoformat(receipt.published_at) > made
        return receipt if fresh and receipt.fingerprint == dataset.fingerprint() else None


def newest(features: Path) -> Publication:
    """The newest publication of any scenario below the workspace's features.

    Raises:
        InputError: nothing was published yet.
    """
    found = [Publication.read(path.parent) for path in features.glob(f"*/{FILE}")]
    if not found:
        raise InputError(f"{features}: no features were published there yet; run `swayrec train SCENARIO`")
    return max(found, key=lambda publication: publication.published_at)
