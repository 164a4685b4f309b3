"""The online store as an answer needs it: asked beside the event loop, with a time limit, titles kept."""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from serving import deadline
from serving.breaker import Breaker, SparedError
from serving.sources import Card, StoreDownError
from swayrec.operations.item_facts import PLAIN, Facts

_log = logging.getLogger(__name__)
_CARDS = 200_000


class Reader(Protocol):
    """What `feature_repo.reader.FeatureReader` offers; blocking, and safe to call from several threads."""

    def history(self, user_id: str) -> Mapping[str, Sequence] | None:
        """Parallel lists by the names of ``signature.HISTORY``, newest first; None = unknown user."""

    def items(self, item_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """``title``, ``category``, ``sensitive``, ``available_from`` and ``available_until`` (epoch seconds) of
        the known ones among ``item_ids``; each may be None.
        """


class OnlineStore:
    """A :class:`~serving.sources.HistorySource` and :class:`~serving.sources.ItemSource` over a reader.

    ``opened`` makes the reader; it is called again until it succeeds, so that a store that is published later
    is found. A question waits ``timeout`` seconds at most, and no longer than the whole request has
    (`serving.deadline`). Whatever goes wrong behind the reader is a
    :class:`~serving.sources.StoreDownError`; a breaker spares a store that fails, so that one that hangs
    costs an answer its level, and not its time. Items are kept ``fresh`` seconds.
    """

    def __init__(
        self, opened: Callable[[], Reader], timeout: float = 1.0, fresh: float = 10.0, threads: int = 4
    ) -> None:
        self._opened = opened
        self._timeout = timeout
        self._fresh = fresh
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")
        self._reader: Reader | None = None
        self._opening = threading.Lock()
        self._breaker = Breaker("store")
        self._cards: dict[str, tuple[float, Card]] = {}

    def open(self) -> bool:
        """Opens the store now; False = it cannot be opened yet (the log says why)."""
        with self._opening:
            if self._reader is None:
                try:
                    self._reader = self._opened()
                except Exception as error:
                    # The border to a foreign system: whatever it raises, the answer falls a level instead.
                    _log.error("the online store cannot be opened: %s", error)
        return self._reader is not None

    async def history(self, user_id: str) -> Mapping[str, Sequence] | None:
        """See :class:`~serving.sources.HistorySource`."""
        stored = await self._ask(lambda reader: reader.history(user_id))
        if stored is None or not len(stored["item"]):
            return None
        floats = {name: [_number(value) for value in stored[name]] for name in ("time", "value")}
        return {**stored, **floats}

    async def ready(self) -> bool:
        """See :class:`~serving.sources.HistorySource`."""
        try:
            await self._ask(lambda reader: reader.history(""))
        except StoreDownError:
            return False
        return True

    async def cards(self, item_ids: Sequence[str]) -> Mapping[str, Card]:
        """See :class:`~serving.sources.ItemSource`."""
        now = time.monotonic()
        known = {item: held[1] for item in item_ids if (held := self._cards.get(item)) and held[0] > now}
        missing = [item for item in item_ids if item not in known]
        if missing:
            try:
                found = await self._ask(lambda reader: reader.items(missing))
            except StoreDownError as error:
                _log.error("no titles: %s", _without(missing, error))
                return known
            if len(self._cards) > _CARDS:
                self._cards.clear()
            for item, told in found.items():
                card = Card(told["title"] or item, told["category"] or "", _facts(told))
                known[item] = card
                self._cards[item] = (now + self._fresh, card)
        return known

    async def _ask(self, question: Callable[[Reader], Any]) -> Any:
        def asked() -> Any:
            if not self.open():
                raise StoreDownError("it is not open")
            assert self._reader is not None
            return question(self._reader)

        left = deadline.left(self._timeout)
        if left <= 0:
            raise StoreDownError("no time is left to ask it")
        try:
            loop = asyncio.get_running_loop()
            return await self._breaker.ask(
                lambda: loop.run_in_executor(self._threads, asked), left, self._timeout
            )
        except SparedError as error:
            raise StoreDownError(str(error)) from None
        except StoreDownError:
            raise
        except TimeoutError:
            raise StoreDownError(f"no answer within {left:.2g} s") from None
        except Exception as error:
            raise StoreDownError(f"{type(error).__name__}: {error}") from error


def _without(ids: Sequence[str], error: StoreDownError) -> str:
    """The error's text without the ids that were asked for."""
    text = str(error)
    for item in ids:
        text = text.replace(item, "<item>")
    return text


def _facts(told: Mapping[str, Any]) -> Facts:
    since, until = _number(told["available_from"]), _number(told["available_until"])
    facts = Facts(
        sensitive=told["sensitive"] or None,
        since=-math.inf if math.isnan(since) else since,
        until=math.inf if math.isnan(until) else until,
    )
    return PLAIN if facts == PLAIN else facts


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
