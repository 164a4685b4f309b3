"""The model that the transformer asks: always the one whose shape it pads to, and soon the one that serves.

A version's inputs have its own widths, and its outputs the order of its own targets. So every question names
the version that it was padded for. Where the predictor says that this version is gone, the next one's shape is
read and the question is put anew: a swap costs a request a few milliseconds, never its answer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from serving import deadline
from serving.answer import Answering
from serving.sources import PredictorDownError, Versioned, VersionGoneError
from swayrec.learning.exports import newest, numbered
from swayrec.learning.signature import Metadata
from swayrec.tables.errors import InputError

T = TypeVar("T")

_log = logging.getLogger(__name__)
_ATTEMPTS = 4


@dataclass(frozen=True)
class Pinned:
    """A :class:`~serving.sources.Predictor` that asks one version only."""

    client: Versioned
    version: int

    async def call(self, signature: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """See :class:`~serving.sources.Predictor`."""
        return await self.client.call(signature, inputs, self.version)

    async def ready(self) -> bool:
        """Whether the predictor would answer now."""
        return await self.client.ready()


class _Gone:
    """A predictor that never answers, so that the lists do."""

    async def call(self, signature: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        raise PredictorDownError("no version that the predictor serves can be asked")

    async def ready(self) -> bool:
        return False


class CurrentModel:
    """Answers with the version that serves; lives in one event loop.

    Args:
        base_path: the folder with numbered versions that the predictor polls, for their shapes.
        client: asks the predictor: ours, TensorFlow Serving's, or the one inside BentoML.
        answering: makes an Answering from a shape and a predictor.
        patience: seconds that a request may take in all, after which lists answer.

    Raises:
        InputError: there is no version in the folder.
    """

    def __init__(
        self,
        base_path: Path,
        client: Versioned,
        answering: Callable[[Metadata, Pinned], Answering],
        patience: float = 3.0,
    ) -> None:
        self._base_path, self._client, self.patience = base_path, client, patience
        self._looking = asyncio.Lock()
        folder = newest(base_path)
        self.version = int(folder.name)
        self.now = answering(Metadata.read(folder), Pinned(client, self.version))

    async def ask(self, work: Callable[[Answering], Awaitable[T]]) -> T:
        """What ``work`` makes of the model that serves; it is done anew where that one is swapped meanwhile."""
        with deadline.within(self.patience):
            for _ in range(_ATTEMPTS):
                asked = self.version
                try:
                    return await work(self.now)
                except VersionGoneError:
                    await self._follow(asked)
            return await work(replace(self.now, predictor=_Gone()))

    async def follow(self) -> None:
        """Looks once which version serves, and asks that one from now on."""
        await self._follow(self.version)

    async def keep_following(self, every: float = 1.0) -> None:
        """Looks again and again until it is cancelled."""
        while True:
            await self.follow()
            await asyncio.sleep(every)

    async def _follow(self, former: int) -> None:
        async with self._looking:
            if self.version != former:
                return  # Somebody who waited for the lock has found the new one.
            try:
                served = await self._client.available()
                there = numbered(self._base_path)
                # After a rollback the newer number serves a moment longer, but its folder is gone.
                wanted = max((number for number in served if number in there), default=None)
                if wanted is None or wanted == self.version:
                    return
                shape = Metadata.read(there[wanted])
            except PredictorDownError:
                return  # Whoever asks the predictor is told.
            except (InputError, OSError) as error:
                _log.error("the model's version stays %s: %s", former, error)
                return
            self.now = replace(self.now, shape=shape, predictor=Pinned(self._client, wanted))
            self.version = wanted
            _log.info("version %s answers instead of %s", wanted, former)
