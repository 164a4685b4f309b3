"""An answer before its words: what was ranked for one question, and what of it is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from serving.past import Level, Past
from serving.popular import Entry
from serving.question import Question
from swayrec.learning.signature import Metadata
from swayrec.operations.exposures import Exposure
from swayrec.operations.item_facts import Facts
from swayrec.operations.rules import Ranking, Rules, Shown


@dataclass(frozen=True)
class Pick:
    """An item to show; ``reasons`` are (history row, share)."""

    item_id: str
    score: float
    source: str
    reasons: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Found:
    """What was ranked for a question.

    ``pick`` makes what stands at a place of ``ranking``. ``dropped`` must not be shown; where nothing is left
    then, ``spared`` of it may be. ``unknown`` are the asked ids that nothing is known of.
    """

    level: Level
    ranking: Ranking
    pick: Callable[[int], Pick]
    dropped: Sequence[str] = ()
    spared: Sequence[str] = ()
    version: int | None = None
    intent: Mapping[str, float] = field(default_factory=dict)
    unknown: Sequence[str] = ()


@dataclass(frozen=True)
class Draft:
    """What was found, and what of it the rules show."""

    found: Found
    shown: Shown

    @cached_property
    def picks(self) -> list[Pick]:
        """The items to show, best first."""
        return [self.found.pick(place) for place in self.shown.places]


def drafted(
    question: Question, found: Found, now: float, rules: Rules, newer: Mapping[str, Facts] | None = None
) -> Draft:
    """What the rules show of a ranking.

    Args:
        question: for how many are asked, and whether it names categories or candidates itself.
        found: the ranking.
        now: epoch seconds, NaN without a clock.
        rules: those of the scenario.
        newer: what is known of items since the rules read theirs.
    """

    def shown(dropped: Sequence[str]) -> Shown:
        narrowed = bool(question.category) or question.candidates is not None
        return rules.shown(found.ranking, dropped, question.k, now, narrowed=narrowed, newer=newer or {})

    first = shown(found.dropped)
    if first.places or not found.spared:
        return Draft(found, first)
    spared = set(found.spared)
    return Draft(found, shown([item for item in found.dropped if item not in spared]))


def exposed(question: Question, request_id: str, draft: Draft, variant: str | None) -> Exposure:
    """What is kept of the answer."""
    return Exposure(
        request_id=request_id,
        user_id=question.user_id,
        items=[pick.item_id for pick in draft.picks],
        scores=[round(pick.score, 6) for pick in draft.picks],
        model_version=draft.found.version,
        level=draft.found.level,
        policy=draft.shown.rules,
        variant=variant,
    )


def of_ranking(
    question: Question,
    known: Past,
    told: Mapping[str, np.ndarray],
    dropped: Sequence[str],
    shape: Metadata,
    unknown: Sequence[str] = (),
) -> Found:
    """What one row of `recommend` or `rank` says."""
    assert known.level is not None
    rows = len(known.history["item"]) if question.reasons else 0

    def pick(place: int) -> Pick:
        reasons = zip(told["reason_row"][place], told["reason_share"][place], strict=True)
        return Pick(
            item_id=str(told["item"][place]),
            score=float(told["score"][place]),
            source=str(told["source"][place]),
            reasons=tuple(
                (int(row), float(share)) for row, share in reasons if 0 <= row < rows and share > 0
            ),
        )

    intent = {name: float(value) for name, value in zip(shape.targets, told["intent"], strict=True)}
    version = int(told["model_version"])
    ranking = _ranking(told)
    return Found(known.level, ranking, pick, dropped, version=version, intent=intent, unknown=unknown)


def of_similar(question: Question, told: Mapping[str, np.ndarray]) -> Found:
    """What one row of `similar` says."""

    def pick(place: int) -> Pick:
        return Pick(str(told["item"][place]), float(told["score"][place]), "similar")

    return Found("full", _ranking(told), pick, question.exclude, version=int(told["model_version"]))


def of_list(
    level: Level,
    entries: Sequence[Entry],
    dropped: Sequence[str],
    spared: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Found:
    """What a list says, which knows no model."""

    def pick(place: int) -> Pick:
        return Pick(entries[place].item_id, entries[place].score, "base")

    ranking = Ranking([entry.item_id for entry in entries], [entry.category for entry in entries])
    return Found(level, ranking, pick, dropped, spared, unknown=unknown)


def _ranking(told: Mapping[str, np.ndarray]) -> Ranking:
    return Ranking(told["item"].tolist(), told["category"].tolist())
