"""A folder that appears whole or not at all."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from swayrec.tables.errors import InputError


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder`` to write into; it takes its name when the block ends without an error.

    A process that is killed half-way leaves the old folder (or none), never half of a new one; what it had
    written lies in a hidden folder beside, which may be thrown away.

    Raises:
        InputError: the place cannot be written to.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise InputError(f"{folder}: it cannot be written ({error.strerror}); give another folder") from None
    made.chmod(0o755)
    try:
        yield made
        old = made.with_name(f"{made.name}.old")
        if folder.exists():
            folder.rename(old)
        made.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(made, ignore_errors=True)
