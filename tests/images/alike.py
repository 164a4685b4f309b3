"""Where two folders that steps wrote say different things: tables row for row, numbers up to a tolerance."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

OWN = {"now", "at", "made_at", "published_at", "seconds", "path", "folder", "files", "uri", "code", "run"}
OWN |= {"made", "made_of", "version"}
"""Fields that say when and where, not what."""


def differences(ours: Path, theirs: Path, tolerance: float) -> list[str]:
    """What differs between the JSON, NumPy and Parquet files of two folders, in words; other files must be there.

    Either may be one file. KFP gives an artifact's file no suffix: such a one is JSON here.

    A number may differ by ``tolerance`` times one more than its size. Folders that are named by the second in which
    they were made are told apart by their order.
    """
    mine, other = _files(ours), _files(theirs)
    if mine.keys() != other.keys():
        return [f"the files {sorted(mine.keys() ^ other.keys())} are in one folder only"]
    found = []
    for name, path in mine.items():
        found += [f"{name}: {told}" for told in _between(name, path, other[name], tolerance)]
    return found


def _files(folder: Path) -> dict[str, Path]:
    if folder.is_file():
        return {f"{folder.name}.json": folder}
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        # Logs of a fit are named by machine, process and time.
        if path.is_file() and "tensorboard" not in parts:
            found["/".join("N" if part.isdecimal() else part for part in parts)] = path
    return found


def _between(name: str, ours: Path, theirs: Path, tolerance: float) -> Iterator[str]:
    suffix = Path(name).suffix
    if suffix == ".json":
        yield from apart(
            *(json.loads(path.read_text(encoding="utf-8")) for path in (ours, theirs)), tolerance
        )
    elif suffix == ".npz":
        with np.load(ours) as one, np.load(theirs) as two:
            yield from apart(dict(one), dict(two), tolerance)
    elif suffix == ".parquet":
        one, two = pq.read_table(ours), pq.read_table(theirs)
        if not one.equals(two):
            yield from apart(one.to_pydict(), two.to_pydict(), tolerance)


def apart(ours: Any, theirs: Any, tolerance: float, place: str = "") -> Iterator[str]:
    """Where two values differ: dicts, lists, arrays, numbers and what can only be equal."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if ours.keys() != theirs.keys():
            yield f"{place} has {sorted(ours.keys() ^ theirs.keys(), key=str)} on one side only"
            return
        for key in ours:
            if key not in OWN:
                yield from apart(ours[key], theirs[key], tolerance, f"{place}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, two) in enumerate(zip(ours, theirs, strict=True)):
            yield from apart(one, two, tolerance, f"{place}[{number}]")
    elif isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        numeric = ours.dtype.kind in "fc"
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            yield f"{place} is {ours.dtype}{ours.shape} and {theirs.dtype}{theirs.shape}"
        elif numeric and not np.allclose(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True):
            yield f"{place} differs by {np.nanmax(np.abs(ours - theirs)):.3g}"
        elif not numeric and not np.array_equal(ours, theirs):
            yield f"{place} differs in {np.count_nonzero(ours != theirs)} of {ours.size} values"
    elif isinstance(ours, float) and isinstance(theirs, float):
        if ours != theirs and not abs(ours - theirs) <= tolerance * (1 + abs(theirs)) and ours == ours:
            yield f"{place} is {ours!r} and {theirs!r}"
    elif ours != theirs:
        yield f"{place} is {str(ours)[:80]!r} and {str(theirs)[:80]!r}"
