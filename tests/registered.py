"""A version as the registry tells of it, without a registry."""

from datetime import UTC, datetime
from pathlib import Path

from swayrec.operations.version import Version


def version(model: Path, number: int = 2, scenario: str = "tiny", fingerprint: str = "") -> Version:
    """The version whose model folder this is."""
    return Version(
        scenario=scenario,
        number=number,
        source=model.resolve().as_uri(),
        aliases=(),
        promoted=True,
        reasons=(),
        fingerprint=fingerprint,
        code_version="",
        created=datetime.now(UTC),
        previous=None,
        run="",
        parameters={},
        metrics={},
        fetched=model.parent,
    )
