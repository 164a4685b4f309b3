"""A scenario's data with what was posted to the intake, for commands that keep no dataset."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swayrec.operations.workspace import Workspace
    from swayrec.tables.dataset import Dataset
    from swayrec.tables.scenario import Scenario

DATASET, POSTED = "dataset", "posted"


def dataset_of(
    scenario: "Scenario", name: str, workspace: "Workspace", folder: Path, until: datetime | None = None
) -> "Dataset":
    """The dataset in ``folder``, with the folders ``DATASET`` and ``POSTED`` in it.

    Args:
        scenario: says where the files are.
        name: the scenario file's name, for errors.
        workspace: whose intake is read.
        folder: gets both folders.
        until: what lies after it is left out; None = nothing.

    Raises:
        InputError: the data are missing or broken.
    """
    from datetime import UTC

    from serving import posted_export
    from swayrec.tables.ingest import ingest

    log = posted_export.export(workspace, scenario.name, folder / POSTED)
    return ingest(
        scenario,
        name,
        folder / DATASET,
        until=until,
        now=datetime.now(UTC),
        posted=log.folder if log else None,
    )
