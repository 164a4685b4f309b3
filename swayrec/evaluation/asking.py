"""Asking an exported model what it would have recommended: the way `swayrec recommend` and serving ask."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from swayrec.evaluation.exclusion import unwanted
from swayrec.evaluation.splits import Part
from swayrec.learning.queries import queries
from swayrec.learning.signature import Metadata, Query
from swayrec.tables.errors import InputError
from swayrec.tables.history import history

BATCH = 64


class Model(Protocol):
    """What an exported model answers; `swayrec.learning.export.ExportedModel` is one."""

    @property
    def metadata(self) -> Metadata:
        """The model's dimensions and names."""

    def recommend(self, queries: Sequence[Query]) -> dict[str, np.ndarray]:
        """The outputs of the signature `recommend`, by name."""


@dataclass(frozen=True)
class Answers:
    """What the model ranked: ``ranked`` int32[C, k], -1 = nothing; ``seconds`` float64, one a batch."""

    ranked: np.ndarray
    seconds: np.ndarray
    batch: int

    @property
    def milliseconds(self) -> float:
        """Mean time of one query within a batch, without the first batch (it traces the graph)."""
        later = self.seconds[1:] if len(self.seconds) > 1 else self.seconds
        queries = len(self.ranked) - (self.batch if len(self.seconds) > 1 else 0)
        return float(later.sum() / max(queries, 1) * 1000)


def case_queries(part: Part, shape: Metadata, seen: Sequence[str]) -> Iterator[Query]:
    """Each case as the question that serving would have asked at its instant.

    The history is compacted from what was known strictly before the case; items of ``seen`` behaviors are
    excluded, the newest first; now is the case's.
    """
    known, cases = part.known, part.cases
    exclude = unwanted(part, seen)
    for start in range(0, len(cases), BATCH):
        rows = slice(start, start + BATCH)
        past = history(known, cases.users[rows], cases.before[rows], shape.history)
        for place, query in enumerate(queries(known, past, cases.now[rows]), start):
            yield query if exclude is None else replace(query, exclude=known.items[exclude[place]])


def ask(
    model: Model,
    part: Part,
    seen: Sequence[str] = (),
    k: int = 10,
    clock: Callable[[], float] = time.perf_counter,
    progress: Callable[[int], None] = lambda _: None,
) -> Answers:
    """The model's first ``k`` items for every case of a part.

    Args:
        model: an exported model.
        part: the cases, and what was known before them.
        seen: the behaviors that take an item off the list.
        k: how many items.
        clock: seconds, for the timing.
        progress: is told after each batch how many cases are done.

    Raises:
        InputError: the model names an item that the part's catalogue does not have.
    """
    number = {item: place for place, item in enumerate(part.known.items)}
    ranked = np.full((len(part.cases), k), -1, np.int32)
    seconds = []
    pending = case_queries(part, model.metadata, seen)
    for start in range(0, len(part.cases), BATCH):
        stop = min(start + BATCH, len(part.cases))
        batch = [next(pending) for _ in range(start, stop)]
        begin = clock()
        answer = model.recommend(batch)["item"]
        seconds.append(clock() - begin)
        for case, query, items in zip(range(start, stop), batch, answer, strict=True):
            ranked[case] = _places(items, set(query.exclude), number, k)
        progress(stop)
    return Answers(ranked, np.array(seconds), BATCH)


def _places(items: Sequence[str], unwanted: set[str], number: dict[str, int], k: int) -> np.ndarray:
    # The signature has room for so many excluded items; the rest is dropped after ranking, as serving does.
    kept = [item for item in items if item != "" and item not in unwanted][:k]
    unknown = next((item for item in kept if item not in number), None)
    if unknown is not None:
        raise InputError(
            f"the model recommends item {unknown}, which is not among the {len(number):,} items that it is "
            "evaluated on; evaluate it on the data that it was trained on"
        )
    places = np.full(k, -1, np.int32)
    places[: len(kept)] = [number[item] for item in kept]
    return places
