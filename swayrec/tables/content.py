"""What a raw file is by its first bytes, against what its name says."""

import gzip
import zlib
from pathlib import Path

from swayrec.tables.errors import InputError

BROKEN = (OSError, EOFError, zlib.error)
"""What reading a broken .gz file raises."""

_KINDS = (
    (b"\x1f\x8b", "gzip", "let its name end in .gz"),
    (b"PAR1", "Parquet", "let its name end in .parquet"),
    (b"PK\x03\x04", "a zip file (a spreadsheet is one too)", "unpack it, or save it as CSV"),
    (b"BZh", "bzip2", "unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "xz", "unpack it, or pack it with gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd", "unpack it, or pack it with gzip"),
    (b"\xff\xfe\x00\x00", "UTF-32", "save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "UTF-32", "save it as UTF-8"),
    (b"\xff\xfe", "UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16", "save it as UTF-8"),
)


def check_text(path: Path) -> None:
    """Checks that a file (.gz or not) may be text in UTF-8, from the bytes that it begins with.

    Raises:
        InputError: it is empty, no gzip though its name ends in .gz, or plainly something else.
    """
    try:
        with (gzip.open if path.suffix.lower() == ".gz" else open)(path, "rb") as file:
            head = file.read(512)
    except BROKEN as error:
        raise InputError(f"{path}: it cannot be read ({error}); bring a whole file") from None
    if not head:
        raise InputError(f"{path}: the file is empty; bring one with rows")
    for begins, kind, remedy in _KINDS:
        if head.startswith(begins):
            raise InputError(f"{path}: the file is {kind}; {remedy}")
    # Text in which every second byte of an English letter is zero.
    if head[1::2].count(0) > len(head) // 4 or head[::2].count(0) > len(head) // 4:
        raise InputError(f"{path}: the file is UTF-16, or no text at all; save it as UTF-8")
