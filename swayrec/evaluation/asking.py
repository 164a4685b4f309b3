"""Asking an exported model what it would have recommended: the way `swayrec recommend` and serving ask."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from swayrec.evaluation.exclusion import unwanted
from swayrec.evaluation.parts import Part
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


class Ranker(Protocol):
    """What an exported model answers about given candidates."""

    @property
    def metadata(self) -> Metadata:
        """The model's dimensions and names."""

    def rank(self, queries: Sequence[Query]) -> dict[str, np.ndarray]:
        """The outputs of the signature `rank`, by name."""


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
    return _asked(model.recommend, case_queries(part, model.metadata, seen), part, k, clock, progress)


def ask_lists(
    model: Ranker,
    part: Part,
    k: int = 10,
    clock: Callable[[], float] = time.perf_counter,
    progress: Callable[[int], None] = lambda _: None,
    seed: int = 0,
) -> Answers:
    """The first ``k`` of every case's own candidates by the signature `rank`, nothing of them excluded.

    Args:
        model: an exported model.
        part: the cases with their candidates, and what was known before them.
        k: how many items.
        clock: seconds, for the timing.
        progress: is told after each batch how many cases are done.
        seed: of the order in which candidates are given, which is that of ties.

    Raises:
        InputError: a list is longer than the model takes.
        ValueError: the cases bring no candidates.
    """
    listed, most = part.cases.listed, model.metadata.candidates
    if listed is None:
        raise ValueError("these cases bring no candidates of their own")
    if listed.width > most:
        raise InputError(
            f"a list of {listed.width:,} candidates is longer than the model takes; set model.candidates, which is "
            f"{most:,}, to as many"
        )
    random, items = np.random.default_rng(seed), part.known.items

    def with_lists() -> Iterator[Query]:
        for case, query in enumerate(case_queries(part, model.metadata, ())):
            [given] = listed.of(np.array([case]))
            yield replace(query, candidate=items[random.permutation(given[given >= 0])].tolist())

    return _asked(model.rank, with_lists(), part, k, clock, progress)


def _asked(
    answer: Callable[[Sequence[Query]], dict[str, np.ndarray]],
    pending: Iterator[Query],
    part: Part,
    k: int,
    clock: Callable[[], float],
    progress: Callable[[int], None],
) -> Answers:
    number = {item: place for place, item in enumerate(part.known.items)}
    ranked = np.full((len(part.cases), k), -1, np.int32)
    seconds = []
    for start in range(0, len(part.cases), BATCH):
        stop = min(start + BATCH, len(part.cases))
        batch = [next(pending) for _ in range(start, stop)]
        begin = clock()
        lists = answer(batch)["item"]
        seconds.append(clock() - begin)
        for case, query, items in zip(range(start, stop), batch, lists, strict=True):
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
