"""What the training pipeline is told, wherever it runs."""

from swayrec.operations import fingerprint
from swayrec.operations.workspace import Workspace
from swayrec.tables.posted import Posted
from swayrec.tables.scenario import Scenario


def training_arguments(
    workspace: Workspace, scenario: Scenario, path: str, until: str, posted: Posted | None
) -> dict[str, str]:
    """The arguments of the pipeline, with the hashes by which a cache notices that code or data changed.

    Args:
        workspace: by an absolute path.
        scenario: as ``path`` has it.
        path: absolute, or a URI of object storage.
        until: ISO 8601 time; events at or after it are ignored. Empty = all events.
        posted: what was posted to the intake, exported; None = nothing.

    Raises:
        InputError: a raw file is missing.
    """
    return {
        "scenario": path,
        "workspace": str(workspace.root),
        "until": until,
        "code": fingerprint.code(),
        "raw": fingerprint.raw(scenario, path, posted),
        "posted": str(posted.folder) if posted else "",
    }
