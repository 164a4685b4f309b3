"""Vectors on disk by what they were made of: a text is encoded once in its life."""

import hashlib
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from swayrec.learning.encoder import Encoder
from swayrec.tables.errors import InputError

FILE = "texts.sqlite"
PART = 512
"""Texts encoded before they are written down: what a killed process can lose."""
ASKED = 500
"""Keys of one query, below SQLite's limit of variables."""

Progress = Callable[[int, int], None]
"""Called with how many of how many texts are encoded."""


class TextCache:
    """A SQLite file in ``folder`` with one row a (encoder, text).

    Every part is committed before the next is encoded, so a process that is killed loses at most one part
    and leaves a file that opens again. Several processes may share it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def encode(self, texts: Sequence[str], encoder: Encoder, progress: Progress | None = None) -> np.ndarray:
        """float32[len(texts), D]: from the file where they are there, else encoded and written down.

        Texts are compared after Unicode NFKC and with single spaces; one without a word gives zeros.
        ``encoder.encode`` is called only for texts that are not in the file, each once, the short first.

        Raises:
            InputError: the file is no cache or cannot be written.
        """
        clean = [normalized(text) for text in texts]
        keys = {text: _key(encoder.name, text) for text in dict.fromkeys(clean) if text}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=60)) as database:
                found = self._complete(database, keys, encoder, progress)
        except (sqlite3.DatabaseError, OSError) as error:
            raise InputError(
                f"{self.path}: the cache of text vectors cannot be used ({error}); delete it"
            ) from None
        vectors = np.zeros((len(clean), encoder.dimension), np.float32)
        for place, text in enumerate(clean):
            if text:
                vectors[place] = found[keys[text]]
        return vectors

    def _complete(
        self,
        database: sqlite3.Connection,
        keys: dict[str, bytes],
        encoder: Encoder,
        progress: Progress | None,
    ) -> dict[bytes, np.ndarray]:
        # WAL lets others read while one writes; a commit survives the process's death.
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB)")
        found = dict(_stored(database, list(keys.values())))
        missing = sorted((text for text, key in keys.items() if key not in found), key=len)
        if progress and missing:
            progress(0, len(missing))
        for start in range(0, len(missing), PART):
            part = missing[start : start + PART]
            made = np.asarray(encoder.encode(part), np.float32)
            rows = [(keys[text], vector.tobytes()) for text, vector in zip(part, made, strict=True)]
            with database:
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            found.update((keys[text], vector) for text, vector in zip(part, made, strict=True))
            if progress:
                progress(start + len(part), len(missing))
        return found


def normalized(text: str) -> str:
    """The text as it is compared and encoded: Unicode NFKC, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _key(encoder: str, text: str) -> bytes:
    return hashlib.sha256(f"{encoder}\0{text}".encode()).digest()


def _stored(database: sqlite3.Connection, keys: list[bytes]) -> Iterable[tuple[bytes, np.ndarray]]:
    for start in range(0, len(keys), ASKED):
        asked = keys[start : start + ASKED]
        marks = ",".join("?" * len(asked))
        for key, vector in database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", asked):
            yield key, np.frombuffer(vector, np.float32)
