"""What an answer is made from, as protocols: histories, items, the model; and how each says it is down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from swayrec.operations.item_facts import PLAIN, Facts


class StoreDownError(Exception):
    """The online store does not answer; the message says why, for the log."""


class PredictorDownError(Exception):
    """The predictor does not answer, or not with an answer; the message says why, for the log."""


class VersionGoneError(Exception):
    """The predictor serves, but no longer the version that was asked: ask again as the one it serves wants."""


@dataclass(frozen=True)
class Card:
    """What people are shown of an item, and what the rules must know of it now."""

    title: str
    category: str = ""
    facts: Facts = PLAIN


class HistorySource(Protocol):
    """Where a user's compacted history comes from."""

    async def history(self, user_id: str) -> Mapping[str, Sequence] | None:
        """Parallel lists by the names of ``signature.HISTORY``, newest first; None = the user is unknown.

        Raises:
            StoreDownError: the store does not answer.
        """

    async def ready(self) -> bool:
        """Whether it would answer now."""


class ItemSource(Protocol):
    """Where items' titles and categories come from."""

    async def cards(self, item_ids: Sequence[str]) -> Mapping[str, Card]:
        """The items that are known among ``item_ids``; never raises: a missing title is no failure."""


class Predictor(Protocol):
    """A model that answers by signature: over gRPC, or in the same process."""

    async def call(self, signature: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The named outputs for inputs in the shapes of the signature (`signature.pad`).

        Raises:
            PredictorDownError: there is no answer.
            VersionGoneError: another version serves now.
        """

    async def ready(self) -> bool:
        """Whether it would answer now."""


class Versioned(Protocol):
    """Asks the versions of a model by number; None = the newest that serves."""

    async def call(
        self, signature: str, inputs: Mapping[str, np.ndarray], version: int | None = None
    ) -> dict[str, np.ndarray]:
        """See :class:`Predictor`.

        Raises:
            PredictorDownError: there is no answer.
            VersionGoneError: ``version`` is not served.
        """

    async def available(self) -> list[int]:
        """The versions that serve, the smallest number first.

        Raises:
            PredictorDownError: there is no answer.
        """

    async def ready(self) -> bool:
        """Whether it would answer now."""
