"""Rows of a text file that are no rows, and what number each line and each good row has because of them."""

import csv
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from swayrec.tables.rows import LINE, REASON, ROW

WRONG_COLUMNS = "wrong number of columns"
"""The reason that a line with too few or too many fields is quarantined for."""

UNCLOSED = "unclosed quote"
"""The reason that lines are quarantined for which a quote that is not closed makes one row of."""


class SetAside:
    """Rows that could not be taken apart, by their places among all rows that the parser counts (from 0).

    Where such a row holds several lines, a quote was left open that swallowed the rows after it: each of its
    lines that is not empty counts as a row, so that none is lost.
    """

    def __init__(self) -> None:
        self._lines: dict[int, tuple[str, list[str]]] = {}

    def add(self, place: int, text: str) -> None:
        """Sets a row aside: with one line it has a wrong number of fields."""
        lines = [line.strip("\r") for line in text.split("\n") if line.strip()]
        self._lines[place] = (WRONG_COLUMNS if len(lines) == 1 else UNCLOSED, lines)

    @property
    def places(self) -> list[int]:
        """The places of the rows."""
        return sorted(self._lines)

    def __len__(self) -> int:
        """Rows of the file that are set aside."""
        return sum(len(lines) for _, lines in self._lines.values())

    def numbers(self, places: np.ndarray) -> np.ndarray:
        """int64[rows]: the numbers (from 1) in the file of rows that stand at these places."""
        known = np.array(self.places, np.int64)
        further = np.cumsum([0, *(len(self._lines[place][1]) - 1 for place in known.tolist())])
        return places + further[np.searchsorted(known, places)] + 1

    def longest(self) -> tuple[int, list[str]]:
        """The number and the lines of the row that holds most lines; there must be one."""
        place = max(self._lines, key=lambda place: len(self._lines[place][1]))
        return int(self.numbers(np.array([place]))[0]), self._lines[place][1]

    def table(self) -> pa.Table:
        """``ROW``, ``REASON`` and ``LINE`` of each line."""
        rows: list[int] = []
        reasons: list[str] = []
        texts: list[str] = []
        for place in self.places:
            reason, lines = self._lines[place]
            first = int(self.numbers(np.array([place]))[0])
            rows += range(first, first + len(lines))
            reasons += [reason] * len(lines)
            texts += [line.encode("utf-8", "replace").decode() for line in lines]
        return pa.table(
            {ROW: pa.array(rows, pa.int64()), REASON: reasons, LINE: pa.array(texts, pa.string())}
        )


def swallowed(lines: Iterable[str], separator: str = ",") -> Iterator[tuple[int, str]]:
    """Places and texts of the rows whose quote is closed by a later row's opening one.

    The parser takes ``u,"a`` and ``v,"b"`` for one row of the fields u and ``a``-to-``b``. Such a closing quote
    has text behind it, which no right one has.
    """
    taken: list[str] = []

    def told() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    rows, place = csv.reader(told(), strict=True, delimiter=separator), 0
    csv.field_size_limit(2**31 - 1)
    while True:
        taken.clear()
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            if len(taken) > 1:
                yield place, "".join(taken)
            row = taken
        place += bool(row)
