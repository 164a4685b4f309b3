"""Asks the model inside BentoML, row by row, so that its batches are made of the questions of all callers."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving import deadline
from serving.bento_model import PATIENCE, joined, parted
from serving.sources import PredictorDownError

_log = logging.getLogger(__name__)


class BentoPredictor:
    """A :class:`~serving.sources.Versioned` over BentoML's proxy of the model service, for its one version.

    A call waits two seconds at most, and no longer than the whole request has (`serving.deadline`).
    """

    def __init__(self, model: Any, version: int) -> None:
        self._model, self._version = model, version

    async def call(
        self, signature: str, inputs: Mapping[str, np.ndarray], version: int | None = None
    ) -> dict[str, np.ndarray]:
        """See :class:`~serving.sources.Versioned`."""
        ask = getattr(self._model.to_async, signature)
        try:
            async with asyncio.timeout(deadline.left(PATIENCE)):
                return joined(await ask(rows=parted(inputs)))
        except TimeoutError:
            raise PredictorDownError("the model service gave no answer in time") from None
        except Exception as error:
            # Whatever BentoML and its HTTP client raise: all of it means that there is no answer.
            _log.error("the model service does not answer: %s", type(error).__name__)
            raise PredictorDownError(f"the model service: {type(error).__name__}") from None

    async def available(self) -> list[int]:
        """The bento's version."""
        return [self._version]

    async def ready(self) -> bool:
        """Whether the model service says that it serves."""
        try:
            return bool(await self._model.is_ready(PATIENCE))
        except Exception:
            return False
