"""The item tables: all that scoring needs to know of a catalogue, as arrays that are saved and loaded."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.learning import factors, kernels
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.ease import ease
from swayrec.learning.kernels import Rows
from swayrec.learning.layout import Layout
from swayrec.learning.slit import slit
from swayrec.tables.log import Log
from swayrec.tables.scenario_learning import Influence

CONVERSION_PRIOR = 20.0
"""Pseudo-events behind an item's conversion rate."""


ALIKE = ("text", "ease", "cooccurrence", "category")
"""Similarities that diversity and `similar` may go by, the first that the model has."""


@dataclass(frozen=True)
class ItemTables:
    """Tables over N items, as they stood at one instant.

    ``items`` object[N] ids; ``category`` int32[N] (-1 = none) indexes ``categories``; ``similarity`` holds
    the sparse rows of every similarity but identity; ``repeat_rate`` and ``gap`` (days) float32[N];
    ``counts`` float32[N, W, T], everyone's events by window and behavior; ``age`` float32[N]. ``vectors``
    float32[N, D] of the items' texts, where they are compared in full; else None.
    """

    items: np.ndarray
    categories: tuple[str, ...]
    category: np.ndarray
    similarity: dict[str, Rows]
    repeat_rate: np.ndarray
    gap: np.ndarray
    counts: np.ndarray
    age: np.ndarray
    vectors: np.ndarray | None = None

    def save(self, folder: Path) -> None:
        """Writes the tables into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {name: getattr(self, name) for name in ("category", "repeat_rate", "gap", "counts", "age")}
        if self.vectors is not None:
            arrays["vectors"] = self.vectors
        for name, rows in self.similarity.items():
            arrays[f"{name}.index"], arrays[f"{name}.value"] = rows.index, rows.value
        np.savez(folder / "tables.npz", **arrays)
        words = {"items": self.items.tolist(), "categories": list(self.categories)}
        (folder / "tables.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "ItemTables":
        """Reads what `save` wrote."""
        words = json.loads((folder / "tables.json").read_text(encoding="utf-8"))
        with np.load(folder / "tables.npz") as stored:
            arrays = dict(stored)
        names = sorted(key.removesuffix(".index") for key in arrays if key.endswith(".index"))
        return cls(
            items=np.asarray(words["items"], object),
            categories=tuple(words["categories"]),
            similarity={name: Rows(arrays[f"{name}.index"], arrays[f"{name}.value"]) for name in names},
            **{name: arrays[name] for name in ("category", "repeat_rate", "gap", "counts", "age")},
            vectors=arrays.get("vectors"),
        )


def item_tables(
    log: Log,
    now: float,
    layout: Layout,
    settings: Influence,
    catalogue: Catalogue,
    *,
    alike: bool = False,
) -> ItemTables:
    """The tables of a log's catalogue from all of its events; nothing later than ``now`` may be in the log.

    Args:
        log: the events that may be known, over the catalogue.
        now: epoch seconds (NaN without a clock).
        layout: which similarities and windows are wanted.
        settings: neighbors, EASE's penalty, weeks of the repeat rate.
        catalogue: what else is known of the log's items.
        alike: whether to hold a similarity for `similar` and diversity even where the layout asks for none of
            ``ALIKE``: that of the texts, by which new items are found too, else of what is taken together.
    """
    wanted = {kernel.table: (kernel.similarity, kernel.lately) for kernel in layout.kernels}
    wanted.pop("identity", None)
    if alike and catalogue.vectors is not None:
        wanted["text"] = ("text", 0.0)
    elif alike and not any(name in ALIKE for name in wanted):
        wanted["cooccurrence"] = ("cooccurrence", 0.0)
    return ItemTables(
        items=log.items,
        categories=catalogue.categories,
        category=catalogue.category,
        similarity={
            table: _similarity(name, kernels.faded(log, lately, now), log, settings, catalogue)
            for table, (name, lately) in sorted(wanted.items())
        },
        repeat_rate=factors.repeat_rate(log, catalogue.category, now, settings.repeat_weeks),
        gap=factors.gap(log),
        counts=factors.counts(log, layout.windows, now),
        age=factors.age(log, now),
        vectors=catalogue.vectors if layout.listed and "text" in wanted else None,
    )


def _similarity(
    name: str, worth: np.ndarray | None, log: Log, settings: Influence, catalogue: Catalogue
) -> Rows:
    """``worth`` float64[n]: what each event counts; None = one."""
    neighbors = settings.neighbors
    if name == "ease":
        return ease(log, settings.ease_ridge, neighbors, worth)
    if name == "slit":
        return slit(log, settings.ease_ridge, neighbors, worth)
    if name == "transition":
        return kernels.transition(log, neighbors, worth)
    if name == "sequence":
        return kernels.sequence(log, neighbors, worth)
    if name == "cooccurrence":
        return kernels.cooccurrence(log, neighbors, worth)
    if name == "category":
        return kernels.category(catalogue.category, log, neighbors)
    return catalogue.alike(neighbors)
