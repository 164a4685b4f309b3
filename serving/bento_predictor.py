"""Asks the model inside BentoML, row by row, so that its batches are made of the questions of all callers."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving import deadline
from serving.bento_model import PATIENCE, joined, parted
from serving.breaker import Breaker, SparedError
from serving.sources import PredictorDownError

_log = logging.getLogger(__name__)


class BentoPredictor:
    """A :class:`~serving.sources.Versioned` over BentoML's proxy of the model service, for its one version.

    A call waits two seconds at most, and no longer than the whole request has (`serving.deadline`). A breaker
    spares a model that fails.
    """

    def __init__(self, model: Any, version: int) -> None:
        self._model, self._version = model, version
        self._breaker = Breaker("predictor")

    async def call(
        self, signature: str, inputs: Mapping[str, np.ndarray], version: int | None = None
    ) -> dict[str, np.ndarray]:
        """See :class:`~serving.sources.Versioned`."""
        left = deadline.left(PATIENCE)
        if left <= 0:
            raise PredictorDownError("no time is left to ask the model service")
        try:
            ask = getattr(self._model.to_async, signature)
            answered = await self._breaker.ask(lambda: ask(rows=parted(inputs)), left, PATIENCE)
        except SparedError as error:
            raise PredictorDownError(str(error)) from None
        except Exception as error:
            # Whatever BentoML and its HTTP client raise: all of it means that there is no answer.
            _log.error("the model service does not answer: %s", type(error).__name__)
            raise PredictorDownError(f"the model service: {type(error).__name__}") from None
        return joined(answered)

    async def available(self) -> list[int]:
        """The bento's version."""
        return [self._version]

    async def ready(self) -> bool:
        """Whether the model service says that it serves."""
        try:
            return bool(await self._model.is_ready(PATIENCE))
        except Exception:
            return False
