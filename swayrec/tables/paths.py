"""Where raw files lie: `${SWAYREC_DATA}`, `package://`, `s3://` and paths relative to the repository."""

import importlib.util
import os
from pathlib import Path

from swayrec.tables import objects
from swayrec.tables.errors import InputError

DATA = "${SWAYREC_DATA}"
PACKAGE = "package://"


def data_root() -> Path:
    """The root of data on this machine: the environment variable SWAYREC_DATA, else ../shared/data."""
    return Path(_root())


def resolve(path: str, scenario: str) -> Path:
    """The file that a scenario's path means; one of object storage is brought here.

    Args:
        path: as the scenario has it.
        scenario: the scenario file's name, for errors.

    Raises:
        InputError: the package is not installed, or there is no such file.
    """
    asked, path = path, path.replace(DATA, _root())
    if objects.is_remote(path):
        try:
            return objects.fetched(path)
        except InputError as error:
            raise InputError(f"{scenario}: {error}") from None
    if path.startswith(PACKAGE):
        package, _, inside = path.removeprefix(PACKAGE).partition("/")
        try:
            found = importlib.util.find_spec(package)
        except (ImportError, ValueError):
            found = None  # no name that a package can have, or a package inside of one that is missing
        if found is None or not found.submodule_search_locations:
            raise InputError(
                f"{scenario}: {path} needs the package {package or 'that stands before its first slash'}; "
                "install it, or mend the path"
            )
        place = Path(next(iter(found.submodule_search_locations))) / inside
    else:
        place = Path(path)
    if not place.exists():
        hint = f" (SWAYREC_DATA is {data_root()})" if DATA in asked else ""
        if not place.is_absolute():
            hint += f" below {Path.cwd()}"
        raise InputError(f"{scenario}: there is no file {place}{hint}; mend the path or bring the file")
    return place


def _root() -> str:
    """A folder, or ``s3://BUCKET/KEY``."""
    return os.environ.get("SWAYREC_DATA", "../shared/data")
