"""The one way to answer: a question in, ranked items with reasons out, whatever is down."""

import math
import time
import uuid
from asyncio import gather
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serving import fallback
from serving.answer_metrics import counted
from serving.draft import Draft, Found, drafted, exposed, of_list, of_ranking, of_similar
from serving.past import Past, past
from serving.popular import Popular
from serving.question import Question, Why
from serving.recents import NOTHING, Recent
from serving.sources import Card, HistorySource, ItemSource, Predictor, PredictorDownError
from serving.variant_metrics import levels
from serving.wording import named, worded
from swayrec.learning.signature import Metadata, pad, pad_similar
from swayrec.operations.exposures import Exposure
from swayrec.operations.item_facts import PLAIN, Facts
from swayrec.operations.rules import Rules
from swayrec.operations.seen import seen

_NEWEST = 10
"""History rows whose categories stand for a user's taste when only lists can answer."""


class NothingToShowError(Exception):
    """Neither the predictor nor a list can answer: nothing was ever trained or published here."""


@dataclass(frozen=True)
class Answering:
    """Answers questions; every door (KServe, BentoML) has one of these.

    ``shape`` is the model's metadata, ``popular`` gives the newest lists (None = there are none), ``rules``
    the rules after ranking, ``clock`` the time of day in epoch seconds. ``shown`` is told each answer's
    exposure; ``variant`` names the side of an experiment in it. ``recent`` gives what everyone did since
    the tables of a model were made.
    """

    shape: Metadata
    histories: HistorySource
    items: ItemSource
    predictor: Predictor
    popular: Callable[[], Popular | None]
    rules: Callable[[], Rules] = Rules
    shown: Callable[[Sequence[Exposure], float], None] = lambda exposures, at: None
    variant: str | None = None
    clock: Callable[[], float] = time.time
    recent: Callable[[Metadata], Recent] = lambda shape: NOTHING

    async def ready(self) -> bool:
        """Whether there is anything to answer from: the lists, or the predictor and the store together."""
        if self.popular() is not None:
            return True
        return all(await gather(self.predictor.ready(), self.histories.ready()))

    async def answer(self, questions: Sequence[Question]) -> list[dict[str, Any]]:
        """One answer a question, in the form of DESIGN's endpoints; one that brings no request id gets a new one.

        Raises:
            NothingToShowError: the predictor is down and there is no list.
        """
        wall = self.clock()
        pasts = await gather(*(past(self.histories, question, self.shape, wall) for question in questions))
        drafts = await self._ranked(questions, pasts) | await self._similar(questions, pasts)
        for place, (question, known) in enumerate(zip(questions, pasts, strict=True)):
            if place not in drafts:
                drafts[place] = await self._listed(question, known)
        ordered = [drafts[place] for place in range(len(questions))]
        ordered, titles = await self._confirmed(questions, pasts, ordered)
        ids = [question.request_id or uuid.uuid4().hex for question in questions]
        exposures = [exposed(*parts, self.variant) for parts in zip(questions, ids, ordered, strict=True)]
        self.shown(exposures, wall)
        counted(questions, ordered)
        if self.variant is not None:
            levels(self.variant, [draft.found.level for draft in ordered])
        return [
            worded(self.shape, *parts, titles, self.variant)
            for parts in zip(questions, ids, ordered, pasts, strict=True)
        ]

    async def _ranked(self, questions: Sequence[Question], pasts: Sequence[Past]) -> dict[int, Draft]:
        """What the predictor says of users, by place; a question that it cannot answer is left out."""
        drafts: dict[int, Draft] = {}
        for signature in ("recommend", "rank"):
            places = [
                place
                for place, (question, known) in enumerate(zip(questions, pasts, strict=True))
                if known.level is not None
                and question.item_id is None
                and (question.candidates is not None) == (signature == "rank")
            ]
            if not places:
                continue
            dropped = [self._dropped(questions[place], pasts[place]) for place in places]
            queries = [
                pasts[place].query(
                    exclude=gone,
                    category=questions[place].categories,
                    diversity=questions[place].diversity,
                    candidate=questions[place].candidates,
                    recent=self.recent_for(questions[place]),
                )
                for place, gone in zip(places, dropped, strict=True)
            ]
            try:
                found = await self.predictor.call(signature, pad(queries, self.shape))
                unknown = await self._unknown([questions[place] for place in places], found, dropped)
            except PredictorDownError:
                continue  # The client has logged it; the lists answer.
            for row, place in enumerate(places):
                answer = {name: values[row] for name, values in found.items()}
                found_here = of_ranking(
                    questions[place], pasts[place], answer, dropped[row], self.shape, unknown[row]
                )
                draft = self._drafted(questions[place], pasts[place], found_here)
                # Of candidates nothing else is shown, though none be left.
                if draft.picks or questions[place].candidates is not None:
                    drafts[place] = draft
        return drafts

    async def _unknown(
        self, questions: Sequence[Question], found: Mapping[str, np.ndarray], dropped: Sequence[Sequence[str]]
    ) -> list[list[str]]:
        """The candidates that the model does not know, of each question: they are in no answer to it.

        Where a category took some off, the model is asked again without it: those it knows all the same.
        """
        missing = []
        for question, items, gone in zip(questions, found["item"], dropped, strict=True):
            there = {*map(str, items), *gone}
            missing.append([item for item in dict.fromkeys(question.candidates or ()) if item not in there])
        doubtful = [row for row, items in enumerate(missing) if items and questions[row].category]
        if doubtful:
            queries = [Past.nothing().query(candidate=missing[row]) for row in doubtful]
            known = (await self.predictor.call("rank", pad(queries, self.shape)))["item"]
            for row, items in zip(doubtful, known, strict=True):
                there = set(map(str, items))
                missing[row] = [item for item in missing[row] if item not in there]
        return missing

    async def _similar(self, questions: Sequence[Question], pasts: Sequence[Past]) -> dict[int, Draft]:
        """What the predictor says of items, by place; a question that it cannot answer is left out."""
        asked = {place: question for place, question in enumerate(questions) if question.item_id is not None}
        if not asked or self.shape.similar is None:
            return {}
        inputs = pad_similar(
            [str(question.item_id) for question in asked.values()],
            [question.exclude for question in asked.values()],
            [question.categories for question in asked.values()],
            self.shape,
        )
        try:
            found = await self.predictor.call("similar", inputs)
        except PredictorDownError:
            return {}
        drafts = {}
        for row, (place, question) in enumerate(asked.items()):
            told = {name: values[row] for name, values in found.items()}
            draft = self._drafted(question, pasts[place], of_similar(question, told))
            if draft.picks:
                drafts[place] = draft
        return drafts

    async def _listed(self, question: Question, known: Past) -> Draft:
        """The levels `category` and `popular`: lists, without the predictor."""
        lists = self.popular()
        if lists is None:
            raise NothingToShowError
        dropped = self._dropped(question, known)
        asked = [*(question.candidates or ()), *([question.item_id] if question.item_id else ())]
        cards = await self.items.cards(asked) if asked else {}
        if question.candidates is not None:
            best, unknown = fallback.among(lists, question.candidates, cards, question.categories, dropped)
            return self._drafted(question, known, of_list("popular", best, dropped, unknown=unknown))
        taste = [] if question.category else await self._taste(question, known)
        unknown = [item for item in asked if item not in cards and item not in lists.entries]
        shelf = fallback.by_category(lists, question.categories, taste)
        draft = self._drafted(question, known, of_list("category", shelf, dropped, unknown=unknown))
        if draft.picks:
            return draft
        # Rather something seen than nothing, but never what the question excludes.
        spared = [item for item in dropped if item not in set(question.exclude)]
        everything = of_list("popular", lists.everything, dropped, spared, unknown)
        return self._drafted(question, known, everything)

    def _drafted(
        self, question: Question, known: Past, found: Found, newer: Mapping[str, Facts] | None = None
    ) -> Draft:
        now = self.clock() if math.isnan(known.now) and self.shape.clock == "wall" else known.now
        return drafted(question, found, now, self.rules(), newer)

    async def _confirmed(
        self, questions: Sequence[Question], pasts: Sequence[Past], drafts: list[Draft]
    ) -> tuple[list[Draft], Mapping[str, str]]:
        """The drafts after what the store now says of the items in them, and the titles of all that they name.

        The rules know items as the last training read them; one that was sold out since is found here.
        """
        cards: dict[str, Card] = {}
        asked: set[str] = set()
        while True:
            names = named(drafts, pasts)
            new = [item for item in names if item not in asked]
            if not new:
                return drafts, self._titles(names, cards)
            asked.update(new)
            found = await self.items.cards(new)
            cards.update(found)
            facts = self.rules().facts
            if any(card.facts != facts.get(item, PLAIN) for item, card in found.items()):
                newer = {item: card.facts for item, card in cards.items()}
                drafts = [
                    self._drafted(question, known, draft.found, newer)
                    for question, known, draft in zip(questions, pasts, drafts, strict=True)
                ]

    async def _taste(self, question: Question, known: Past) -> list[str]:
        """The categories of the item that is asked about, or of the user's newest items."""
        newest = [question.item_id] if question.item_id else list(known.history["item"][:_NEWEST])
        cards = await self.items.cards(newest) if newest else {}
        return [cards[item].category for item in newest if item in cards and cards[item].category]

    def _dropped(self, question: Question, known: Past) -> list[str]:
        """Everything not to be shown, what must go first: the model takes the first E, `policy` the rest."""
        if question.exclude_own:
            past_items = list(known.history["item"])
        else:
            past_items = seen(known.history, self.shape.seen) if question.exclude_seen else []
        itself = [question.item_id] if question.item_id else []
        return list(dict.fromkeys([*question.exclude, *past_items, *itself]))

    def recent_for(self, asked: Question | Why) -> Recent:
        """What everyone did lately; nothing as of an instant, which may lie before it."""
        return self.recent(self.shape) if asked.as_of is None else NOTHING

    async def titles(self, item_ids: Sequence[str]) -> Mapping[str, str]:
        """Titles of items: the store's, else those of the lists, else the id itself."""
        return self._titles(item_ids, await self.items.cards(item_ids) if item_ids else {})

    def _titles(self, item_ids: Sequence[str], cards: Mapping[str, Card]) -> Mapping[str, str]:
        lists = self.popular()
        listed = lists.titles if lists else {}
        return {item: cards[item].title if item in cards else listed.get(item, item) for item in item_ids}
