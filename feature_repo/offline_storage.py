"""Where a publication's offline files go beside the workspace: object storage, if the environment names some."""

import os
from pathlib import Path

from swayrec.tables import objects
from swayrec.tables.errors import InputError

VARIABLE = "SWAYREC_FEATURES"


def storage(scenario: str) -> str:
    """URI below which a scenario's offline files are put; '' = nowhere.

    Raises:
        InputError: what the environment names is no place of object storage.
    """
    named = os.environ.get(VARIABLE, "").rstrip("/")
    if named and not objects.is_remote(named):
        raise InputError(f"{VARIABLE}: {named} is no place of object storage; write s3://BUCKET/KEY")
    return f"{named}/{scenario}" if named else ""


def sources(offline: Path, scenario: str, store: str) -> str | Path:
    """The folder that Feast's definitions name for an offline store of this type.

    Spark's workers read object storage by Hadoop's name of it; who reads files reads those of the workspace.
    """
    place = storage(scenario)
    return place.replace(objects.SCHEME, "s3a://", 1) if place and store == "spark" else offline
