"""What is usual: the windows before the end of a training in numbers, kept with its model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.operations import reference
from swayrec.operations.monitoring.refused import refused_counts
from swayrec.operations.monitoring.scales import Scales, scales
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.tally import Counts, tables, tally
from swayrec.operations.monitoring.text_vectors import Directions, Encode, encoded, vector_counts
from swayrec.operations.monitoring.texts import text_counts, texts, vocabulary
from swayrec.operations.monitoring.window import Window, windows_between
from swayrec.tables.dataset import EVENTS, ITEMS, Dataset
from swayrec.tables.scenario import Scenario

LEAD = 4
"""One of so many windows goes into the scales."""

FILE, ARRAYS = "usual.json", "usual.npz"
_DAMAGED = (OSError, ValueError, TypeError, LookupError, AttributeError, EOFError)


class NoBaselineError(Exception):
    """There is nothing to compare with; ``sentence`` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True)
class Usual:
    """A family in the usual windows: by window float64[K, labels], and a window's mean by group float64[G, labels]."""

    labels: tuple[str, ...]
    by_window: np.ndarray
    by_group: np.ndarray

    @classmethod
    def of(cls, counts: Counts) -> "Usual":
        """Of counted windows."""
        return cls(counts.labels, counts.sums.sum(1), counts.sums.mean(0))


@dataclass(frozen=True)
class Baseline:
    """The usual windows, what they were measured on, and every family in them."""

    windows: tuple[Window, ...]
    scales: Scales
    families: Mapping[str, Usual]
    directions: Directions | None

    def write(self, folder: Path) -> None:
        """Writes it into the folder of a reference."""
        self.scales.write(folder)
        told = {
            "windows": [[each.start, each.end] for each in self.windows],
            "labels": {name: list(usual.labels) for name, usual in self.families.items()},
        }
        (folder / FILE).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        arrays: dict[str, Any] = {}
        for name, usual in self.families.items():
            arrays[f"{name}/window"], arrays[f"{name}/group"] = usual.by_window, usual.by_group
        if self.directions is not None:
            arrays["directions/mean"], arrays["directions/basis"] = (
                self.directions.mean,
                self.directions.basis,
            )
        np.savez_compressed(
            folder / ARRAYS, **{name: each.astype(np.float32) for name, each in arrays.items()}
        )

    @classmethod
    def read(cls, folder: Path) -> "Baseline":
        """What a model's reference says is usual.

        Raises:
            NoBaselineError: it is missing, damaged, of another schema, or knows of no whole window.
        """
        if not (folder / reference.STATISTICS).exists():
            raise NoBaselineError(
                Sentence(
                    "The champion has no reference, so nothing says what is usual; train again.",
                    "冠军模型没有参考数据，无从知道什么是常态；请重新训练。",
                )
            )
        try:
            told = json.loads((folder / reference.STATISTICS).read_text(encoding="utf-8"))
            schema = told.get("schema", 1)
            if schema == reference.SCHEMA:
                baseline = cls._read(folder)
        except _DAMAGED as error:
            raise NoBaselineError(
                Sentence(
                    f"The champion's reference is damaged ({type(error).__name__}); restore its folder or train again.",
                    f"冠军模型的参考数据已损坏（{type(error).__name__}）；请恢复其文件夹或重新训练。",
                )
            ) from error
        if schema != reference.SCHEMA:
            raise NoBaselineError(
                Sentence(
                    f"The champion's reference has schema {schema}, and {reference.SCHEMA} is read here; train again.",
                    f"冠军模型的参考数据为第 {schema} 版格式，本版本读取第 {reference.SCHEMA} 版；请重新训练。",
                )
            )
        if not baseline.windows:
            raise NoBaselineError(
                Sentence(
                    "The champion learned from less than two whole windows, so nothing says what is usual.",
                    "冠军模型的训练数据不足两个完整窗口，无从知道什么是常态。",
                )
            )
        return baseline

    @classmethod
    def _read(cls, folder: Path) -> "Baseline":
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        with np.load(folder / ARRAYS) as stored:
            arrays = {name: stored[name].astype(np.float64) for name in stored.files}
        families = {
            name: Usual(tuple(labels), arrays[f"{name}/window"], arrays[f"{name}/group"])
            for name, labels in told["labels"].items()
        }
        directions = None
        if "directions/mean" in arrays:
            directions = Directions(arrays["directions/mean"], arrays["directions/basis"])
        return cls(
            tuple(Window(*each) for each in told["windows"]), Scales.read(folder), families, directions
        )


def usual_windows(scenario: Scenario, first: float, last: float) -> tuple[list[Window], list[Window]]:
    """The whole windows between two instants, oldest first: those that scales are made of, and the usual ones after.

    What is usual must not be counted on scales that it made itself: its own words would be its most frequent ones. And
    how popular items were before must be known of the first usual window too. So a quarter of the windows at least
    comes first, and at most as many as are usual.
    """
    days, most = scenario.monitoring.window_days, scenario.monitoring.usual_windows
    found = windows_between(first, last, days)
    usual = min(most, len(found) - max(1, len(found) // LEAD))
    lead = len(found) - max(usual, 0)
    return found[max(0, lead - most) : lead], found[lead:]


def baseline(engine: Any, scenario: Scenario, dataset: Dataset, encode: Encode | None) -> Baseline:
    """The baseline of a training.

    Args:
        engine: a connection to an empty engine.
        scenario: behaviors, targets, and how long a window is.
        dataset: what was trained on.
        encode: the language model; None = texts are not compared by vectors.
    """
    tables(engine, str(dataset.folder / EVENTS), str(dataset.folder / ITEMS))
    [(first, last)] = engine.raw_sql(
        "SELECT epoch(min(timestamp)), epoch(max(timestamp)) FROM events"
    ).fetchall()
    lead, windows = ([], []) if first is None else usual_windows(scenario, first, last)
    if not windows:
        empty = Scales(scenario.behavior_names, scenario.targets, {}, (), {})
        return Baseline((), empty, {}, None)
    before, drawn = texts(engine, lead), texts(engine, windows)
    measured = scales(engine, scenario.behavior_names, scenario.targets, lead, vocabulary(before))
    counted = dict(tally(engine, measured, windows).families)
    counted |= text_counts(drawn, measured.words, len(windows))
    counted["refused"] = refused_counts(engine, dataset, scenario, windows, counted["behaviors"])
    directions = None
    if encode is not None:
        _, vectors = encoded(before, encode, len(lead))
        if len(vectors) > 1:
            directions = Directions.fitted(vectors)
            places, vectors = encoded(drawn, encode, len(windows))
            counted["vectors"] = vector_counts(drawn, places, vectors, directions, len(windows))
    families = {name: Usual.of(counts) for name, counts in counted.items()}
    return Baseline(tuple(windows), measured, families, directions)
