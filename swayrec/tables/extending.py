"""A scenario that says only in what it differs from another: `extends` names that other file."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from swayrec.tables.errors import InputError

EXTENDS = "extends"


def with_base(
    place: Path | str, read: Callable[[Path | str], dict[str, Any]], above: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A scenario's fields as they are on top of the file that it extends, which may extend a further one.

    A table is laid over the table of the same name, field by field; everything else, lists too, takes the
    place of what was there.

    Args:
        place: the file; what it extends is named from the folder that it lies in.
        read: gives the parsed content of a file.
        above: the files that led here.

    Raises:
        InputError: ``extends`` is no text, or leads back to a file that leads here.
    """
    raw = dict(read(place))
    base = raw.pop(EXTENDS, None)
    if base is None:
        return raw
    if not isinstance(base, str):
        raise InputError(f"{place}: field {EXTENDS} has the value {base!r}: it must be text in quotes")
    path = _beside(place, base)
    chain = (*above, str(place))
    if str(path) in chain:
        raise InputError(
            f"{place}: field {EXTENDS} names {base}, which itself extends this file; let one of them stand alone"
        )
    return _laid_over(with_base(path, read, chain), raw)


def _beside(place: Path | str, name: str) -> Path | str:
    text = str(place)
    if "://" in text:
        scheme, _, rest = text.partition("://")
        return f"{scheme}://{PurePosixPath(rest).parent / name}"
    return Path(text).parent / name


def _laid_over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for field, value in own.items():
        under = base.get(field)
        both = isinstance(value, dict) and isinstance(under, dict)
        merged[field] = _laid_over(under, value) if both else value  # type: ignore[arg-type]
    return merged
