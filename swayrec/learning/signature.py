"""The model's signatures: names, types and shapes of what goes in and comes out, and padding to them.

Frozen (DESIGN: model signature). No TensorFlow here: transformer, batch and tests pad with this module.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from swayrec.tables.intact import intact

METADATA = Path("assets.extra") / "swayrec.json"
"""Where a model folder keeps its metadata, relative to the numeric version folder."""

HISTORY = {
    "item": (object, ""),
    "behavior": (object, ""),
    "time": (np.float64, np.nan),
    "order": (np.int64, 0),
    "count": (np.float32, 0),
    "value": (np.float32, np.nan),
}
"""Type and padding of the history inputs, each [B, L]."""


@dataclass(frozen=True)
class Metadata:
    """What a caller must know of an exported model.

    ``history`` L, ``exclude`` E, ``categories`` C, ``recent`` P, ``candidates`` M and ``results`` R are the
    fixed dimensions. ``behaviors`` (T) and ``targets`` (G) give the order of ``recent_count``'s last axis
    and of ``intent``. ``period`` is how histories are compacted, in seconds of the calendar
    (:func:`swayrec.tables.history.stretch`; None = one row an item and behavior). ``rest`` names the parts of
    ``explain``'s rest. ``similar`` is the similarity behind the signature of that name (None = the model has
    no such signature). ``until`` is the end of the data in epoch seconds (None without a clock); with
    ``clock`` "log" that is also `now`. ``posted`` is the stamp of the newest entry of the intake's log that the
    tables were made with, in microseconds since the epoch (None = they were made without the log). ``data``
    tells the data that they were made of from any other (None = not known).
    """

    scenario: str
    version: int
    behaviors: tuple[str, ...]
    targets: tuple[str, ...]
    seen: tuple[str, ...]
    rest: tuple[str, ...]
    history: int
    exclude: int
    categories: int
    recent: int
    candidates: int
    results: int
    clock: str = "wall"
    until: float | None = None
    posted: int | None = None
    data: str | None = None
    period: float | None = None
    languages: tuple[str, ...] = ("en",)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    similar: str | None = None

    def write(self, version_folder: Path) -> None:
        """Writes the metadata into a model's version folder."""
        path = version_folder / METADATA
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, version_folder: Path) -> "Metadata":
        """Reads the metadata of a model's version folder.

        Raises:
            InputError: the file is missing or damaged.
        """
        with intact(version_folder / METADATA):
            raw = json.loads((version_folder / METADATA).read_text(encoding="utf-8"))
            lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
            return cls(**{**raw, **lists})


@dataclass(frozen=True)
class Query:
    """One user's question to the model, not padded yet; `pad` makes a batch of them.

    ``history`` holds parallel lists by the names of ``HISTORY``, newest first; an empty mapping = no past.
    ``now`` is epoch seconds (NaN without a clock), ``now_order`` the order of the coming choice.
    ``recent_count`` is one row of T counts an item of ``recent_item``.
    """

    history: Mapping[str, Sequence] = field(default_factory=dict)
    now: float = float("nan")
    now_order: int = 0
    exclude: Sequence[str] = ()
    category: Sequence[str] = ()
    recent_item: Sequence[str] = ()
    recent_count: Sequence[Sequence[float]] = ()
    diversity: float = 0.0
    candidate: Sequence[str] | None = None
    target: str | None = None


def pad(queries: Sequence[Query], shape: Metadata) -> dict[str, np.ndarray]:
    """A batch in the signature's shapes.

    Lists longer than the signature keep their head (history: the newest; exclude: callers put the newest
    first). ``candidate`` and ``target`` are in the batch only where the queries have them.

    Returns:
        The named inputs: ids as object arrays of str, padded with '' (B = number of queries).
    """
    size = len(queries)
    batch: dict[str, np.ndarray] = {}
    for name, (dtype, empty) in HISTORY.items():
        batch[name] = _table([query.history.get(name, ()) for query in queries], shape.history, dtype, empty)
    batch["now"] = np.array([query.now for query in queries], np.float64)
    batch["now_order"] = np.array([query.now_order for query in queries], np.int64)
    batch["exclude"] = _table([query.exclude for query in queries], shape.exclude, object, "")
    batch["category"] = _table([query.category for query in queries], shape.categories, object, "")
    batch["recent_item"] = _table([query.recent_item for query in queries], shape.recent, object, "")
    counts = np.zeros((size, shape.recent, len(shape.behaviors)), np.float32)
    for row, query in enumerate(queries):
        given = query.recent_count[: shape.recent]
        if len(given):
            counts[row, : len(given)] = given
    batch["recent_count"] = counts
    batch["diversity"] = np.array([query.diversity for query in queries], np.float32)
    if any(query.candidate is not None for query in queries):
        lists = [query.candidate or () for query in queries]
        batch["candidate"] = _table(lists, shape.candidates, object, "")
    if any(query.target is not None for query in queries):
        batch["target"] = np.array([query.target or "" for query in queries], object)
    return batch


def pad_similar(
    items: Sequence[str], exclude: Sequence[Sequence[str]], category: Sequence[Sequence[str]], shape: Metadata
) -> dict[str, np.ndarray]:
    """The inputs of the signature `similar`: for each item, what to leave out and which categories to keep to."""
    return {
        "item": np.array(items, object),
        "exclude": _table(exclude, shape.exclude, object, ""),
        "category": _table(category, shape.categories, object, ""),
    }


def texts(values: np.ndarray) -> np.ndarray:
    """A graph's output with its strings, which come out as bytes, as str; others as they are."""
    if values.dtype != object:
        return values
    flat = list(map(bytes.decode, values.ravel().tolist()))
    return np.array(flat, dtype=object).reshape(values.shape)


def _table(rows: Sequence[Sequence], width: int, dtype: type, empty: object) -> np.ndarray:
    table: np.ndarray = np.full((len(rows), width), empty, dtype)
    for place, row in enumerate(rows):
        kept = row[:width]
        if len(kept):
            table[place, : len(kept)] = kept
    return table
