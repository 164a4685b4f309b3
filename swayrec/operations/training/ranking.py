"""What a part's cases would be recommended by a scoring in memory, without an export."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from swayrec.evaluation.exclusion import unwanted
from swayrec.evaluation.parts import Part
from swayrec.learning.everyone import Everyone, Moment
from swayrec.learning.past import Past, to_past
from swayrec.learning.retrieval import halved
from swayrec.learning.scoring import Scoring
from swayrec.learning.served import Network
from swayrec.learning.weighing import Weighing
from swayrec.tables.history import Pasts
from swayrec.tables.scenario import Scenario

K = 10
BATCH = 64


class Several(Protocol):
    """Several networks, asked together of the same candidates; ``plain`` float[d]: weights that pick half of these."""

    plain: np.ndarray | None

    def __len__(self) -> int:
        """How many."""

    def adds(
        self, past: Past, features: tf.Tensor, closed: np.ndarray, candidates: np.ndarray
    ) -> Iterator[np.ndarray]:
        """float32[B, M] by each: what it adds to the closed scores float32[B, M] of candidates int32[B, M]."""


def ranked(
    scoring: Scoring,
    part: Part,
    scenario: Scenario,
    k: int = K,
    network: Network | None = None,
    everyone: Everyone | None = None,
) -> np.ndarray:
    """int32[C, k]: the best items of every case by a scoring's weights and perhaps a network.

    What the scenario takes off a list is not in it. With a network, as the served graph does it: the best
    ``model.results`` items, by the closed form or by halves, are scored again, and no other item is listed.
    ``everyone``: the events that are counted at each case's instant; None = as the tables have them.
    """
    lists = [np.zeros((0, k), np.int32)]
    also = None if network is None or network.plain is None else scoring.weighed(network.plain)
    for past, gone, moment in _asked(part, scenario, scoring, everyone):
        if network is None:
            score = _without(scoring.score(past, moment=moment), gone)
        else:
            again = _contested(past, gone, scoring, also, scenario.model.results, moment)
            score = again.by(network.adds(past, again.features, again.closed, again.candidates).numpy())
        lists.append(_best(score, k))
    return np.concatenate(lists)


def ranked_again(
    scoring: Scoring,
    part: Part,
    scenario: Scenario,
    networks: Several,
    k: int = K,
    everyone: Everyone | None = None,
) -> list[np.ndarray]:
    """As :func:`ranked` with each of several networks in turn, which are told of the candidates once."""
    lists: list[list[np.ndarray]] = [[np.zeros((0, k), np.int32)] for _ in range(len(networks))]
    also = None if networks.plain is None else scoring.weighed(networks.plain)
    for past, gone, moment in _asked(part, scenario, scoring, everyone):
        again = _contested(past, gone, scoring, also, scenario.model.results, moment)
        added = networks.adds(past, again.features, again.closed, again.candidates)
        for place, each in enumerate(added):
            lists[place].append(_best(again.by(each), k))
    return [np.concatenate(parts) for parts in lists]


def ranked_by_each(
    scoring: Scoring,
    weights: Sequence[np.ndarray],
    part: Part,
    scenario: Scenario,
    k: int = K,
    everyone: Everyone | None = None,
    newest: int | None = None,
) -> list[np.ndarray]:
    """As :func:`ranked`, by each of several weights float[d] in turn; ``scoring`` is left with the last.

    ``newest``: how many rows of each history are read, the newest; None = as many as the scenario says, 0 = none.
    """
    lists: list[list[np.ndarray]] = [[np.zeros((0, k), np.int32)] for _ in weights]
    for past, gone, moment in _asked(part, scenario, scoring, everyone):
        if newest is not None:
            past = past.newest(newest)
        amounts = scoring.amounts(past)
        for place, each in enumerate(weights):
            scoring.set_weights(each)
            lists[place].append(_best(_without(scoring.score(past, amounts=amounts, moment=moment), gone), k))
    return [np.concatenate(parts) for parts in lists]


def _asked(
    part: Part, scenario: Scenario, scoring: Scoring, everyone: Everyone | None
) -> Iterator[tuple[Past, Sequence[np.ndarray], Moment | None]]:
    """The cases batch by batch: their pasts, of each the items that must not be listed, and what was known then."""
    exclude, pasts = unwanted(part, scenario.seen), Pasts(part.known)
    for start in range(0, len(part.cases), BATCH):
        rows = slice(start, start + BATCH)
        histories = pasts.at(part.cases.users[rows], part.cases.before[rows], scenario.model.history)
        now, moment = part.cases.now[rows], None
        if everyone is not None:
            moment = everyone.of_all(now, histories.item, scoring.layout.windows)
        yield to_past(histories, now), () if exclude is None else exclude[rows], moment


def _without(parts: tuple[tf.Tensor, tf.Tensor], gone: Sequence[np.ndarray]) -> np.ndarray:
    """float32[B, N]: influence and base together, -inf at the items that are gone."""
    score: np.ndarray = (parts[0] + parts[1]).numpy()
    for place, items in enumerate(gone):
        score[place, items] = -np.inf
    return score


class _Contested(NamedTuple):
    """What is scored again: places int32[B, M] of items, the same as candidates (-1 = gone), their closed scores
    float32[B, M] (0 where gone) and raw columns; ``size`` N of the catalogue.
    """

    best: np.ndarray
    candidates: np.ndarray
    closed: np.ndarray
    features: tf.Tensor
    size: int

    def by(self, added: np.ndarray) -> np.ndarray:
        """float32[B, N]: the closed scores with what is added to them, float32[B, M]; all other items at -inf."""
        again = np.full((len(self.best), self.size), -np.inf, np.float32)
        np.put_along_axis(
            again, self.best, np.where(self.candidates >= 0, self.closed + added, -np.inf), axis=1
        )
        return again


def _contested(
    past: Past,
    gone: Sequence[np.ndarray],
    scoring: Scoring,
    also: Weighing | None,
    results: int,
    moment: Moment | None,
) -> _Contested:
    """The best so many by the scoring, or half of them by other weights; none of those that are gone."""
    amounts = scoring.amounts(past)
    score = picked = _without(scoring.score(past, amounts=amounts, moment=moment), gone)
    if also is not None:
        other = _without(scoring.score(past, amounts=amounts, moment=moment, by=also), gone)
        picked = halved(score, other, min(results, score.shape[1]))
    best = _best(picked, results)
    closed = np.take_along_axis(score, best, 1)
    listed = np.isfinite(closed)
    candidates = np.where(listed, best, -1)
    then = None if moment is None else moment.of(tf.constant(candidates))
    features = scoring.features(past, tf.constant(candidates), amounts=amounts, moment=then)
    return _Contested(best, candidates, np.where(listed, closed, 0), features, score.shape[1])


def _best(score: np.ndarray, k: int) -> np.ndarray:
    k = min(k, score.shape[1])
    top = np.argpartition(-score, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(score, top, 1), axis=1, kind="stable")
    return np.take_along_axis(top, order, 1).astype(np.int32)
