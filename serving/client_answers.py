"""What the client gives back, with types."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """A past event that speaks for an item, its share of the score, and the same in words."""

    item_id: str
    behavior: str
    share: float
    text: str


@dataclass(frozen=True)
class Item:
    """A recommended item."""

    item_id: str
    title: str
    score: float
    source: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Answer:
    """What docs/endpoints.md says under "What an answer says"."""

    user_id: str | None
    item_id: str | None
    request_id: str
    level: str
    model_version: int | None
    variant: str | None
    intent: Mapping[str, float]
    items: tuple[Item, ...]
    unknown: tuple[str, ...]
    policy: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A past event's share of an item's score."""

    item_id: str
    behavior: str
    share: float
    text: str
    count: float
    intent: float | None


@dataclass(frozen=True)
class Explanation:
    """Why an item: ``score`` is the sum of all shares and of ``rest``."""

    user_id: str | None
    item_id: str
    title: str
    request_id: str
    level: str
    score: float
    shares: tuple[Share, ...]
    rest: Mapping[str, float]


@dataclass(frozen=True)
class Posted:
    """What became of events or items: their ids in the order sent, and whether the next answer sees them.

    Not ``shown`` = they are durable, but the online store does not have them yet.
    """

    ids: tuple[str, ...]
    shown: bool
