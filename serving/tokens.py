"""Who may do what: bearer tokens by their SHA-256, read from a file that never holds a token itself."""

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from swayrec.tables.errors import InputError

Scope = Literal["read", "write", "admin"]

_log = logging.getLogger(__name__)
_SCOPES: tuple[Scope, ...] = get_args(Scope)
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
_LOOK = 1.0
_FORM = "a line is NAME SHA256 SCOPE,SCOPE... with the scopes " + ", ".join(_SCOPES)


@dataclass(frozen=True)
class Bearer:
    """Whose token it is, and what it is for."""

    name: str
    scopes: frozenset[Scope]


class Tokens:
    """The tokens of a file; another file in its place holds within a second.

    A line is ``NAME SHA256 SCOPE,SCOPE...``; empty lines and those that begin with # are left out. A token must be
    random and long (32 bytes): one that can be guessed can be found from its hash.

    Raises:
        InputError: the file cannot be read, or a line has another form; no line is ever repeated in words.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._looked = clock()
        self._state = _state(path)
        self._held = _read(path)
        self._complaint = ""

    def find(self, token: str) -> Bearer | None:
        """Whose token this is; None = nobody's. All are compared, in a time that says nothing of them."""
        self._look()
        given = hashlib.sha256(token.encode()).hexdigest()
        found = None
        for known, bearer in self._held.items():
            if hmac.compare_digest(known, given):
                found = bearer
        return found

    def _look(self) -> None:
        if self._clock() < self._looked + _LOOK:
            return
        self._looked = self._clock()
        try:
            state = _state(self._path)
            if state != self._state:
                self._held, self._state = _read(self._path), state
            self._complaint = ""
        except InputError as error:
            if str(error) != self._complaint:
                _log.error("the tokens stay as they were: %s", error)
            self._complaint = str(error)


def _state(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> dict[str, Bearer]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None
    held: dict[str, Bearer] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        place = f"{path}: line {number}"
        if len(words) != 3 or not _NAME.fullmatch(words[0]) or not _HASH.fullmatch(words[1]):
            raise InputError(
                f"{place} has another form; {_FORM}, and SHA256 is the token's in 64 digits 0-9 and a-f"
            )
        scopes = [scope for scope in _SCOPES if scope in words[2].split(",")]
        if len(scopes) != len(words[2].split(",")):
            raise InputError(f"{place} names a scope that there is not, or one twice; {_FORM}")
        if words[1] in held or words[0] in {bearer.name for bearer in held.values()}:
            raise InputError(f"{place} has the name or the token of an earlier line; give each line its own")
        held[words[1]] = Bearer(words[0], frozenset(scopes))
    if not held:
        raise InputError(f"{path}: no token stands there, so nobody could do anything; {_FORM}")
    return held


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
    return InputError(f"{path}: the file of tokens cannot be read: {reason}")
