"""An answer before its words: what was found for one question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from serving.past import Level, Past
from serving.question import Question
from swayrec.learning.signature import Metadata
from swayrec.operations import policy


@dataclass(frozen=True)
class Pick:
    """An item to show; ``reasons`` are (history row, share)."""

    item_id: str
    score: float
    source: str
    reasons: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Draft:
    """What was found; ``unknown`` are the asked ids that nothing is known of."""

    level: Level
    picks: Sequence[Pick]
    version: int | None = None
    intent: Mapping[str, float] = field(default_factory=dict)
    unknown: Sequence[str] = ()


def of_ranking(
    question: Question,
    known: Past,
    found: Mapping[str, np.ndarray],
    dropped: Sequence[str],
    shape: Metadata,
    unknown: Sequence[str] = (),
) -> Draft:
    """What one row of `recommend` or `rank` says, after the rules of `policy`."""
    assert known.level is not None
    rows = len(known.history["item"]) if question.reasons else 0
    picks = [
        Pick(
            item_id=str(found["item"][place]),
            score=float(found["score"][place]),
            source=str(found["source"][place]),
            reasons=tuple(
                (int(row), float(share))
                for row, share in zip(found["reason_row"][place], found["reason_share"][place], strict=True)
                if 0 <= row < rows and share > 0
            ),
        )
        for place in policy.kept([str(item) for item in found["item"]], dropped, question.k)
    ]
    intent = {name: float(value) for name, value in zip(shape.targets, found["intent"], strict=True)}
    return Draft(known.level, picks, int(found["model_version"]), intent, unknown)


def of_similar(question: Question, found: Mapping[str, np.ndarray]) -> Draft:
    """What one row of `similar` says, after the rules of `policy`."""
    picks = [
        Pick(str(found["item"][place]), float(found["score"][place]), "similar")
        for place in policy.kept([str(item) for item in found["item"]], question.exclude, question.k)
    ]
    return Draft("full", picks, int(found["model_version"]))
