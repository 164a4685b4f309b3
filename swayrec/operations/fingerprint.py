"""What a training depends on besides its arguments, as short hashes: the code, and the raw files."""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from swayrec.tables import objects, paths
from swayrec.tables.posted import EVENTS, ITEMS, Posted
from swayrec.tables.scenario import Scenario

SHORT = 16
"""Hexadecimal digits kept: 64 bits, plenty for telling versions apart."""

_ROOT = Path(__file__).parents[2]
_METHOD = ("swayrec/tables", "swayrec/learning", "swayrec/evaluation")
_TRAINED_BY = (*_METHOD, "swayrec/operations", "feature_repo")


def code() -> str:
    """The hash of all code that a training step may run, and of the packages installed beside it.

    Command line and serving are left out: they change no result of a training.
    """
    digest = hashlib.sha256(sys.version.encode())
    _add(digest, _TRAINED_BY)
    for name in sorted(_installed()):
        digest.update(name.encode())
    return digest.hexdigest()[:SHORT]


def method() -> str:
    """The hash of the code that decides a quality figure: what is read, learned and counted."""
    digest = hashlib.sha256()
    _add(digest, _METHOD)
    return digest.hexdigest()[:SHORT]


def raw(scenario: Scenario, path: Path | str, posted: Posted | None = None) -> str:
    """The hash of a scenario's text, of the names, sizes and times of change of its raw files, and of what was posted.

    Raises:
        InputError: a raw file is missing.
    """
    digest = hashlib.sha256(objects.at_hand(path).read_bytes())
    for file in raw_files(scenario, path):
        status = file.stat()
        digest.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    if posted is not None:
        # By content: it is exported anew each time.
        for name in (EVENTS, ITEMS):
            with (posted.folder / name).open("rb") as exported:
                digest.update(hashlib.file_digest(exported, "sha256").digest())
    return digest.hexdigest()[:SHORT]


def made_of(code: str, raw: str, until: str, since: str = "") -> str | None:
    """What tells a dataset's data from any other; None where nobody hashed them.

    Args:
        code: hash of the code that reads them.
        raw: of what is read.
        until: ISO 8601 time; events at or after it are ignored. Empty = all events.
        since: ISO 8601 time; events before it are ignored. Empty = none are.
    """
    return f"{code} {raw} {until} {since}".strip() if raw else None


def raw_files(scenario: Scenario, path: Path | str) -> list[Path]:
    """The files that a scenario names, in its order.

    Raises:
        InputError: one is missing.
    """
    return [paths.resolve(named, str(path)) for named in _named(scenario)]


def _add(digest: "hashlib._Hash", places: Iterable[str]) -> None:
    for place in places:
        for path in sorted((_ROOT / place).rglob("*.py")):
            digest.update(f"{path.relative_to(_ROOT)}\0".encode() + path.read_bytes() + b"\0")


def _named(scenario: Scenario) -> Iterator[str]:
    for source in scenario.events:
        yield source.path
        for second in (source.beside, source.join):
            if second:
                yield second.path
    for rest in (scenario.items, scenario.users):
        if rest:
            yield rest.path
    if scenario.split.test:
        yield scenario.split.test


def _installed() -> set[str]:
    return {found.name for place in sys.path for found in Path(place).glob("*.dist-info")}
