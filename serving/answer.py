"""The one way to answer: a question in, ranked items with reasons out, whatever is down."""

import time
import uuid
from asyncio import gather
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from serving import fallback
from serving.past import Level, Past, past
from serving.popular import Entry, Popular
from serving.question import Question
from serving.reasons import because
from serving.sources import HistorySource, ItemSource, Predictor, PredictorDownError
from swayrec.learning.signature import Metadata, pad
from swayrec.operations import policy

_NEWEST = 10
"""History rows whose categories stand for a user's taste when only lists can answer."""


class NothingToShowError(Exception):
    """Neither the predictor nor a list can answer: nothing was ever trained or published here."""


@dataclass(frozen=True)
class Pick:
    """An item to show; ``reasons`` are (history row, share)."""

    item_id: str
    score: float
    source: str
    reasons: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Draft:
    """An answer before its words: what was found for one question."""

    level: Level
    picks: Sequence[Pick]
    version: int | None = None
    intent: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Answering:
    """Answers questions; every door (transformer, batch, BentoML) has one of these.

    ``shape`` is the model's metadata, ``popular`` gives the newest lists (None = there are none), ``clock``
    the time of day in epoch seconds.
    """

    shape: Metadata
    histories: HistorySource
    items: ItemSource
    predictor: Predictor
    popular: Callable[[], Popular | None]
    clock: Callable[[], float] = time.time

    async def answer(
        self, questions: Sequence[Question], request_id: str | None = None
    ) -> list[dict[str, Any]]:
        """One answer a question, in the form of DESIGN's endpoints.

        Args:
            questions: parsed and checked.
            request_id: the caller's own id, for questions that bring none.

        Raises:
            NothingToShowError: the predictor is down and there is no list.
        """
        wall = self.clock()
        pasts = await gather(*(past(self.histories, question, self.shape, wall) for question in questions))
        drafts = await self._ranked(questions, pasts)
        for place, (question, known) in enumerate(zip(questions, pasts, strict=True)):
            if place not in drafts:
                drafts[place] = await self._listed(question, known)
        ordered = [drafts[place] for place in range(len(questions))]
        titles = await self.titles(_named(ordered, pasts))
        ids = [
            question.request_id or _request_id(request_id, place, len(questions))
            for place, question in enumerate(questions)
        ]
        return [self._worded(*parts, titles) for parts in zip(questions, ids, ordered, pasts, strict=True)]

    async def _ranked(self, questions: Sequence[Question], pasts: Sequence[Past]) -> dict[int, Draft]:
        """What the predictor says, by place; a question that it cannot answer is left out."""
        drafts: dict[int, Draft] = {}
        for signature in ("recommend", "rank"):
            places = [
                place
                for place, (question, known) in enumerate(zip(questions, pasts, strict=True))
                if known.level is not None and (question.candidates is not None) == (signature == "rank")
            ]
            if not places:
                continue
            queries = [
                pasts[place].query(
                    exclude=self._dropped(questions[place], pasts[place]),
                    category=questions[place].category,
                    diversity=questions[place].diversity,
                    candidate=questions[place].candidates,
                )
                for place in places
            ]
            try:
                found = await self.predictor.call(signature, pad(queries, self.shape))
            except PredictorDownError:
                continue  # The client has logged it; the lists answer.
            for row, place in enumerate(places):
                draft = self._draft(questions[place], pasts[place], {k: v[row] for k, v in found.items()})
                if draft.picks:
                    drafts[place] = draft
        return drafts

    def _draft(self, question: Question, known: Past, found: Mapping[str, np.ndarray]) -> Draft:
        assert known.level is not None
        dropped = self._dropped(question, known)
        places = policy.kept([str(item) for item in found["item"]], dropped, question.k)
        rows = len(known.history["item"])
        picks = [
            Pick(
                item_id=str(found["item"][place]),
                score=float(found["score"][place]),
                source=str(found["source"][place]),
                reasons=tuple(
                    (int(row), float(share))
                    for row, share in zip(
                        found["reason_row"][place], found["reason_share"][place], strict=True
                    )
                    if 0 <= row < rows and share > 0
                ),
            )
            for place in places
        ]
        intent = {name: float(value) for name, value in zip(self.shape.targets, found["intent"], strict=True)}
        return Draft(known.level, picks, int(found["model_version"]), intent)

    async def _listed(self, question: Question, known: Past) -> Draft:
        """The levels `category` and `popular`: lists, without the predictor."""
        lists = self.popular()
        if lists is None:
            raise NothingToShowError
        dropped, k = self._dropped(question, known), question.k
        if question.candidates is not None:
            return Draft("popular", _picks(fallback.among(lists, question.candidates, dropped, k)))
        taste = [] if question.category else await self._taste(known)
        entries = fallback.by_category(lists, question.category, taste, dropped, k)
        if entries:
            return Draft("category", _picks(entries))
        return Draft("popular", _picks(fallback.of_everything(lists, question.exclude, dropped, k)))

    async def _taste(self, known: Past) -> list[str]:
        newest = list(known.history["item"][:_NEWEST])
        cards = await self.items.cards(newest) if newest else {}
        return [cards[item].category for item in newest if item in cards and cards[item].category]

    def _dropped(self, question: Question, known: Past) -> list[str]:
        """Everything not to be shown, what must go first: the model takes the first E, `policy` the rest."""
        seen = policy.seen(known.history, self.shape.seen) if question.exclude_seen else []
        return list(dict.fromkeys([*question.exclude, *seen]))

    async def titles(self, item_ids: Sequence[str]) -> Mapping[str, str]:
        """Titles of items: the store's, else those of the lists, else the id itself."""
        cards = await self.items.cards(item_ids) if item_ids else {}
        lists = self.popular()
        listed = lists.titles if lists else {}
        return {item: cards[item].title if item in cards else listed.get(item, item) for item in item_ids}

    def _worded(
        self, question: Question, request_id: str, draft: Draft, known: Past, titles: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            "user_id": question.user_id,
            "request_id": request_id,
            "level": draft.level,
            "model_version": draft.version,
            "intent": {name: round(value, 6) for name, value in draft.intent.items()},
            "items": [
                {
                    "item_id": pick.item_id,
                    "title": titles[pick.item_id],
                    "score": round(pick.score, 6),
                    "source": pick.source,
                    "reasons": [
                        reason(self.shape, known, row, share, _times(known, row), titles, question.language)
                        for row, share in pick.reasons
                    ],
                }
                for pick in draft.picks
            ],
        }


def reason(
    shape: Metadata,
    known: Past,
    row: int,
    share: float,
    count: float,
    titles: Mapping[str, str],
    language: str | None,
) -> dict[str, Any]:
    """What was done with an item as a reason: item and behavior, their share of the score, and words.

    Args:
        shape: the model's metadata.
        known: the user's past.
        row: the newest of the history's rows that are meant.
        share: of the score.
        count: how many events the rows hold.
        titles: of the items.
        language: of the words; None = the model's first.
    """
    history = known.history
    item, behavior = history["item"][row], history["behavior"][row]
    text = because(
        shape.words,
        behavior,
        titles[item],
        count=count,
        time=history["time"][row],
        now=known.now if shape.clock == "wall" else None,
        language=language or shape.languages[0],
    )
    return {"item_id": item, "behavior": behavior, "share": round(share, 6), "text": text}


def _times(known: Past, row: int) -> float:
    """How many events all rows of the same item and behavior hold."""
    history = known.history
    wanted = history["item"][row], history["behavior"][row]
    rows = zip(history["item"], history["behavior"], history["count"], strict=True)
    return sum(count for item, behavior, count in rows if (item, behavior) == wanted)


def _named(drafts: Sequence[Draft], pasts: Sequence[Past]) -> list[str]:
    """The items whose titles the answers show: those picked and those of the reasons."""
    named: dict[str, None] = {}
    for draft, known in zip(drafts, pasts, strict=True):
        for pick in draft.picks:
            named[pick.item_id] = None
            named.update((known.history["item"][row], None) for row, _ in pick.reasons)
    return list(named)


def _picks(entries: Sequence[Entry]) -> list[Pick]:
    return [Pick(entry.item_id, entry.score, "base") for entry in entries]


def _request_id(given: str | None, place: int, size: int) -> str:
    if not given:
        return uuid.uuid4().hex
    return given if size == 1 else f"{given}-{place}"
