"""What windows are measured on: the bins, categories and words that were fixed when the champion learned."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from swayrec.operations.monitoring.window import Window, time

FILE = "scales.json"
VALUE_BINS = (0.1, 0.25, 0.5, 0.75, 0.9)
CATEGORIES = 40
STRATA = 8
"""Of popularity: how popular an item was in the windows before."""
NONE, OTHER = "", "*"
"""Labels of what has no category, and of all that are not among the largest."""


@dataclass(frozen=True)
class Scales:
    """The labels of every family of counts.

    ``values`` holds the inner edges of the value bins by behavior, only for behaviors that have values;
    ``words`` the words that texts are compared by, by language.
    """

    behaviors: tuple[str, ...]
    targets: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]
    categories: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]

    def write(self, folder: Path) -> None:
        """Writes it into the folder of a reference."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Scales":
        """Reads what :meth:`write` wrote."""
        raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(
            behaviors=tuple(raw["behaviors"]),
            targets=tuple(raw["targets"]),
            values={name: tuple(edges) for name, edges in raw["values"].items()},
            categories=tuple(raw["categories"]),
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
    return Scales(
        behaviors=tuple(behaviors),
        targets=tuple(targets),
        values={name: tuple(sorted(set(map(float, found)))) for name, found in told},
        categories=(*(name for (name,) in largest), OTHER, NONE),
        words={language: tuple(some) for language, some in words.items()},
    )
