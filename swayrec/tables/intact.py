"""Files that Swayrec wrote, read back: what is wrong with one is damage, and said in one sentence."""

import contextlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from swayrec.tables.errors import InputError

_NO_FILE = (IsADirectoryError, NotADirectoryError)
_UNREADABLE: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    zipfile.BadZipFile,
)
_AGAIN = "run `swayrec train SCENARIO` again, which makes anew what is missing or was changed"


@contextlib.contextmanager
def intact(path: Path, *further: type[Exception], remedy: str = _AGAIN) -> Iterator[None]:
    """A block that does nothing but read ``path``, a file or folder that Swayrec wrote whole.

    So whatever its content makes readers raise means that somebody damaged it since. What the system refuses
    (rights, a failing disk) passes.

    Args:
        path: named in the error.
        further: exceptions of the library that reads, beside those of Python, Arrow and NumPy.
        remedy: what to do.

    Raises:
        InputError: the file is missing or damaged.
    """
    unreadable: tuple[type[Exception], ...] = (*_UNREADABLE, *further)
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path}: it is missing; {remedy}") from None
    except unreadable as error:
        # Arrow and TensorFlow say with an error of the system, without its number, that bytes mean nothing.
        if isinstance(error, OSError) and error.errno is not None and not isinstance(error, _NO_FILE):
            raise
        why = f"{type(error).__name__}: {error}".strip().splitlines()[0][:200]
        raise InputError(f"{path}: it is damaged ({why}); {remedy}") from error
