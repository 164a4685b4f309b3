"""Labels as SQL, and counts by label as arrays."""

from collections.abc import Mapping, Sequence

import numpy as np


def named(column: str, names: Sequence[str], rest: int | None = None) -> str:
    """The place of a column's text among names; ``rest`` for any other (None = NULL)."""
    cases = " ".join(f"WHEN {quoted(name)} THEN {place}" for place, name in enumerate(names))
    return f"CASE {column} {cases}{'' if rest is None else f' ELSE {rest}'} END"


def binned(column: str, edges: Sequence[float]) -> str:
    """The number of edges that a value has reached; NULL stays NULL."""
    cases = " ".join(f"WHEN {column} < {edge!r} THEN {place}" for place, edge in enumerate(edges))
    return f"CASE WHEN {column} IS NULL THEN NULL {cases} ELSE {len(edges)} END"


def quoted(text: str) -> str:
    """A text as SQL writes it.

    >>> quoted("baker's")
    "'baker''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A column's name as SQL writes it.

    >>> identifier('an "odd" name')
    '"an ""odd"" name"'
    """
    return '"' + name.replace('"', '""') + '"'


def laid(rows: Mapping[str, np.ndarray], windows: int, groups: int, labels: int) -> np.ndarray:
    """float64[windows, groups, labels] of rows of ``k``, ``g``, ``label`` and ``n``."""
    sums = np.zeros((windows, groups, labels))
    sums[tuple(np.asarray(rows[name], np.int64) for name in ("k", "g", "label"))] = rows["n"]
    return sums
