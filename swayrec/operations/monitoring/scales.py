"""What windows are measured on: the bins, categories, strata and words that were fixed when the champion learned."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from swayrec.operations.monitoring.window import Window, time

FILE, STRATA_FILE = "scales.json", "strata.parquet"
VALUE_BINS = (0.1, 0.25, 0.5, 0.75, 0.9)
CATEGORIES = 40
STRATA = 8
NONE, OTHER = "", "*"
"""Labels of what has no category, and of all that are not among the largest."""


@dataclass(frozen=True)
class Scales:
    """The labels of every family of counts.

    ``values`` holds the inner edges of the value bins by behavior, only for behaviors that have values;
    ``strata`` the items' place by popularity (0 = the most popular eighth of all events, and so on), by item;
    ``words`` the words that texts are compared by, by language.
    """

    behaviors: tuple[str, ...]
    targets: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]
    categories: tuple[str, ...]
    strata: Mapping[str, int]
    words: Mapping[str, tuple[str, ...]]

    def write(self, folder: Path) -> None:
        """Writes it into the folder of a reference."""
        folder.mkdir(parents=True, exist_ok=True)
        plain = {name: value for name, value in asdict(self).items() if name != "strata"}
        (folder / FILE).write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")
        columns = {"item_id": pa.array(list(self.strata), pa.string()), "stratum": list(self.strata.values())}
        pq.write_table(pa.table(columns), folder / STRATA_FILE, compression="zstd")

    @classmethod
    def read(cls, folder: Path) -> "Scales":
        """Reads what :meth:`write` wrote."""
        raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
        table = pq.read_table(folder / STRATA_FILE)
        strata = dict(zip(table["item_id"].to_pylist(), table["stratum"].to_pylist(), strict=True))
        return cls(
            behaviors=tuple(raw["behaviors"]),
            targets=tuple(raw["targets"]),
            values={name: tuple(edges) for name, edges in raw["values"].items()},
            categories=tuple(raw["categories"]),
            strata=strata,
            words={name: tuple(words) for name, words in raw["words"].items()},
        )


def scales(
    engine: Any,
    behaviors: Sequence[str],
    targets: Sequence[str],
    windows: Sequence[Window],
    words: Mapping[str, Sequence[str]],
) -> Scales:
    """The scales of a reference.

    Args:
        engine: a connection with the tables ``events`` and ``items`` (:func:`~.material.tables`).
        behaviors: of the scenario.
        targets: of the scenario.
        windows: what the scales are made of; they follow each other.
        words: by language, of texts in these windows.
    """
    span = f"timestamp >= '{time(windows[0].start)}' AND timestamp < '{time(windows[-1].end)}'"
    edges = ", ".join(map(str, VALUE_BINS))
    told = engine.raw_sql(
        f"SELECT behavior, quantile_disc(value, [{edges}]) FROM events "
        f"WHERE {span} AND isfinite(value) GROUP BY behavior ORDER BY behavior"
    ).fetchall()
    largest = engine.raw_sql(
        "SELECT category FROM events JOIN items USING (item_id) "
        f"WHERE {span} AND category IS NOT NULL GROUP BY category "
        f"ORDER BY count(*) DESC, category LIMIT {CATEGORIES}"
    ).fetchall()
    counted = engine.raw_sql(
        f"SELECT item_id, count(*) AS n FROM events WHERE {span} GROUP BY item_id ORDER BY n DESC, item_id"
    ).fetchnumpy()
    return Scales(
        behaviors=tuple(behaviors),
        targets=tuple(targets),
        values={name: tuple(sorted(set(map(float, found)))) for name, found in told},
        categories=(*(name for (name,) in largest), OTHER, NONE),
        strata=dict(zip(map(str, counted["item_id"]), _strata(counted["n"]), strict=True)),
        words={language: tuple(some) for language, some in words.items()},
    )


def _strata(counts: np.ndarray) -> list[int]:
    """Each item's stratum, for falling counts: every stratum holds about the same number of events."""
    before = np.cumsum(counts) - counts
    found: list[int] = np.minimum(before * STRATA // max(int(counts.sum()), 1), STRATA - 1).tolist()
    return found
