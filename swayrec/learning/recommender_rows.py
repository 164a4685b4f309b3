"""The choices that the network is taught by, kept in memory: it reads them again and again."""

from dataclasses import dataclass, replace

import numpy as np

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import levels
from swayrec.learning.layout import Layout
from swayrec.learning.retrieval import halved
from swayrec.learning.rows import batches, everyone_of
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import item_tables
from swayrec.learning.user_context import UserContext
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

NUMBERS = 250_000_000
"""Numbers kept of all rows, at most: a gigabyte."""

CONTESTED = 50
"""Candidates of a choice, the best by the closed form, at most: a list shows ten, and rows cost time. Picked on
validation of groceries, where none differs surely from the closed form's .3226: NDCG@10 .3214 and .3200 (two
seeds) with 180 candidates, .3220 to .3231 with 50 (four settings, one seed each)."""

PART = 64
"""Choices read at once where one pass over all is made."""


@dataclass(frozen=True)
class ChoiceRows:
    """Choices with their candidates, for a network to read again and again.

    ``user`` int64[Q]; ``features`` float32[Q, M, d]; ``closed`` float32[Q, M], the closed scores;
    ``context`` float32[Q, C]; ``candidates`` int32[Q, M] (-1 = none); ``y`` float32[Q, M]; ``weight``
    float32[Q]. In each choice something was taken. ``plain`` float[d]: weights that picked half of the candidates;
    None = all are the best by the closed form.
    """

    user: np.ndarray
    features: np.ndarray
    closed: np.ndarray
    context: np.ndarray
    candidates: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    plain: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.user)

    def best(self, most: int) -> "ChoiceRows":
        """The choices with so many of their candidates at most, picked as these were; those that are left without an
        item that was taken fall out.
        """
        if most >= self.candidates.shape[1]:
            return self
        picked = np.where(self.candidates >= 0, self.closed, -np.inf)
        if self.plain is not None:
            plain = self.features @ np.asarray(self.plain, np.float32)
            picked = halved(picked, np.where(self.candidates >= 0, plain, -np.inf), most)
        place = np.argpartition(-picked, most - 1, axis=1)[:, :most]
        kept = (np.take_along_axis(self.y, place, 1) > 0).any(1)
        place = place[kept]

        def of(rows: np.ndarray) -> np.ndarray:
            found: np.ndarray = np.take_along_axis(rows[kept], place, 1)
            return found

        return ChoiceRows(
            user=self.user[kept],
            features=np.take_along_axis(self.features[kept], place[:, :, None], 1),
            closed=of(self.closed),
            context=self.context[kept],
            candidates=of(self.candidates),
            y=of(self.y),
            weight=self.weight[kept],
            plain=self.plain,
        )

    def deviations(self) -> np.ndarray:
        """float64[d + 1]: the deviation of every column and of the closed score over all candidates."""
        total, squares, count = np.zeros(self.features.shape[2] + 1), 0.0, 0
        for start in range(0, len(self), PART):
            part = slice(start, start + PART)
            real = self.candidates[part] >= 0
            rows = np.column_stack([self.features[part][real], self.closed[part][real]]).astype(np.float64)
            total, squares, count = total + rows.sum(0), squares + (rows**2).sum(0), count + len(rows)
        mean = total / max(count, 1)
        return np.sqrt(np.maximum(squares / max(count, 1) - mean**2, 0))

    def log_sharpness(self) -> float:
        """The log of how many logits a unit of the closed score is worth, where it alone explains the choices best:
        the best of a grid.
        """
        closed = np.where(self.candidates >= 0, self.closed, -np.inf)
        weight = self.weight[:, None] * self.y

        def loss(log_sharpness: float) -> float:
            logits = closed * np.exp(log_sharpness)
            top = logits.max(1, keepdims=True)
            total = top + np.log(np.exp(logits - top).sum(1, keepdims=True))
            return float((weight * np.where(self.y > 0, total - logits, 0)).sum())

        return float(min(np.arange(-4, 8, 0.25), key=loss))


def choice_rows(
    log: Log,
    now: float,
    scenario: Scenario,
    layout: Layout,
    weights: np.ndarray,
    context: UserContext,
    catalogue: Catalogue,
    contested: int = CONTESTED,
    seed: int = 0,
    plain: np.ndarray | None = None,
) -> ChoiceRows:
    """The scenario's choices, each with the best candidates by the closed form; a sample if they are too many.

    Args:
        log: all events that may be trained on.
        now: the instant after them in epoch seconds (NaN without a clock).
        scenario: kind, levels and candidates of the choices.
        layout: the columns.
        weights: float[d], the closed form's.
        context: of the user.
        catalogue: what else is known of the log's items.
        contested: candidates of a choice, at most.
        seed: of the sample.
        plain: float[d], weights that pick half of the candidates; None = the closed form picks all.
    """
    asked = _contested(scenario, contested)
    choices = asked.influence.choices
    number = 1 if choices.kind == "touched" else choices.levels
    share = max(NUMBERS // (choices.candidates * layout.size * number), 1)
    random = np.random.default_rng(seed)
    kept: list[ChoiceRows] = []
    everyone = everyone_of(log, scenario, catalogue)
    for level in levels(log, now, scenario):
        tables = item_tables(level.tables_log, level.now, layout, scenario.influence, catalogue)
        scoring = Scoring(tables, layout, weights)
        choose = np.sort(random.permutation(len(level))[:share])
        also = None if plain is None else scoring.weighed(plain)
        for batch in batches(level, scoring, asked, choose=choose, everyone=everyone, also=also):
            taken = (batch.y * (batch.candidates >= 0)).any(1)
            features = batch.features.numpy()[taken]
            kept.append(
                ChoiceRows(
                    user=batch.user[taken],
                    features=features,
                    closed=features @ np.asarray(weights, np.float32),
                    context=context(batch.past).numpy()[taken],
                    candidates=batch.candidates[taken],
                    y=(batch.y * (batch.candidates >= 0))[taken],
                    weight=batch.weight[taken].astype(np.float32),
                )
            )
    return replace(_joined(kept), plain=plain)


def _contested(scenario: Scenario, most: int) -> Scenario:
    """The scenario with no more candidates than are contested."""
    fewer = min(scenario.influence.choices.candidates, most)
    return scenario.with_choices(candidates=fewer, never_taken=0, anywhere=0)


def _joined(parts: list[ChoiceRows]) -> ChoiceRows:
    """One of many; each part is let go as it is copied, so that memory holds them once."""
    if not parts:
        raise ValueError("there is no choice to learn from: nobody has both a past and a later target event")
    sizes = [len(part) for part in parts]
    ends = np.cumsum(sizes)
    names = ("user", "features", "closed", "context", "candidates", "y", "weight")
    arrays = {
        name: np.empty((int(ends[-1]), *getattr(parts[0], name).shape[1:]), getattr(parts[0], name).dtype)
        for name in names
    }
    for end, size in zip(ends[::-1], sizes[::-1], strict=True):
        part = parts.pop()
        for name in names:
            arrays[name][end - size : end] = getattr(part, name)
    return ChoiceRows(**arrays)
