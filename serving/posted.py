"""What may be posted to the intake, and what is wrong with it in one sentence."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, TypeAdapter, ValidationError

from serving.event_log import EVENT, ITEM, Record
from serving.question import Asked, sentence
from swayrec.tables import schema
from swayrec.tables.errors import InputError
from swayrec.tables.posted import AHEAD

MOST = 1_000
"""Events or items a request."""

LONGEST_BODY = 4 * 1024 * 1024
"""Bytes a request."""

_EARLIEST = 1678


def _stripped(value: Any) -> Any:
    # As the ingest reads ids; a lone surrogate can be written neither to the log nor to the store.
    if isinstance(value, str):
        value = value.strip(schema.BLANKS)
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError("it must be Unicode text, without lone surrogates")
    return value


def _utc(value: datetime) -> datetime:
    value = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if value.year <= _EARLIEST:
        raise ValueError(f"it must lie after the year {_EARLIEST}")
    return value


Short = Annotated[str, Field(min_length=1, max_length=schema.LONGEST_ID), BeforeValidator(_stripped)]
Long = Annotated[str, Field(max_length=10_000), BeforeValidator(_stripped)]
Instant = Annotated[datetime, Field(strict=False), AfterValidator(_utc)]


class PostedEvent(Asked):
    """Something that a user did. ``timestamp``: when, ISO 8601 or epoch seconds; absent = just now."""

    event_id: Short | None = None
    user_id: Short
    item_id: Short
    behavior: Short
    timestamp: Instant | None = None
    value: float | None = Field(None, allow_inf_nan=False)
    text: Long | None = None
    source: Short = "intake"
    session_id: Short | None = None
    request_id: Short | None = None

    def record(self, received: datetime) -> Record:
        """The event as the log keeps it.

        Args:
            received: its time where it names none; then, without an id, it is an event of its own.
        """
        told = self.model_dump(exclude={"event_id"})
        told["timestamp"] = (self.timestamp or received).isoformat(timespec="microseconds")
        event_id = self.event_id or content_id(told)
        return Record(EVENT, self.user_id, {"event_id": event_id, **told}, key=event_id)


class PostedItem(Asked):
    """Something that can be recommended, whole: what is posted later about the same item replaces it."""

    item_id: Short
    title: Short
    text: Long | None = None
    language: Literal["en", "zh", "other"] | None = None
    category: Short | None = None
    tags: list[Short] | None = Field(None, max_length=100)
    image: Short | None = None
    created_at: Instant | None = None
    sensitive: Short | None = None
    available_from: Instant | None = None
    available_until: Instant | None = None

    def record(self) -> Record:
        """The item as the log keeps it."""
        return Record(ITEM, self.item_id, self.model_dump(mode="json"))


Kind = TypeVar("Kind", PostedEvent, PostedItem)
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def decoded(body: bytes) -> Any:
    """The JSON of a request's body.

    Raises:
        InputError: it is none.
    """
    try:
        return _JSON.validate_json(body)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Invalid JSON: ")
        raise InputError(f"the body is not JSON ({reason}); send an object, or a list of objects") from None


def parse(body: Any, kind: type[Kind]) -> list[Kind]:
    """What a request posts: one object, or a list of them.

    Raises:
        InputError: one sentence about the first thing that is wrong.
    """
    return [one(raw, kind, place) for raw, place in objects(body, "event" if kind is PostedEvent else "item")]


def objects(body: Any, name: str) -> list[tuple[Mapping[str, Any], str]]:
    """The objects of a decoded body, each with its place in it.

    Raises:
        InputError: it is neither an object nor a list of 1 to `MOST` of them.
    """
    if isinstance(body, Mapping):
        return [(body, name)]
    if not isinstance(body, Sequence) or isinstance(body, str) or not body:
        raise InputError(f"the body must be one {name} as a JSON object, or a list of at least one")
    if len(body) > MOST:
        raise InputError(f"the body holds {len(body)} {name}s; send {MOST:,} at most at once")
    for place, raw in enumerate(body):
        if not isinstance(raw, Mapping):
            raise InputError(f"{name}s[{place}] must be a JSON object")
    return [(raw, f"{name}s[{place}]") for place, raw in enumerate(body)]


def one(raw: Mapping[str, Any], kind: type[Kind], place: str) -> Kind:
    """One object, which stands at ``place`` in the request.

    Raises:
        InputError: one sentence about the first thing that is wrong.
    """
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise InputError(sentence(error, kind, place)) from None


def check(event: PostedEvent, behaviors: Sequence[str], now: float, place: str) -> None:
    """Checks an event against the scenario and the clock.

    Args:
        event: which one.
        behaviors: the scenario's.
        now: epoch seconds.
        place: of the event in the request.

    Raises:
        InputError: one sentence about the first thing that is wrong.
    """
    if event.behavior not in behaviors:
        raise InputError(f"{place}.behavior is {event.behavior!r}; the scenario knows {', '.join(behaviors)}")
    if event.timestamp is not None and event.timestamp.timestamp() > now + AHEAD.total_seconds():
        raise InputError(f"{place}.timestamp lies in the future; give a time in the past")


def content_id(content: Mapping[str, Any]) -> str:
    """The id of an event that brings none: that of the ingest for a JSON Lines file with these fields.

    20 hexadecimal digits over the source and all other fields by their names.
    """
    whole = _joined(content[name] for name in sorted(content) if name != "source")
    return _joined_digest([str(content["source"]), hashlib.md5(whole.encode()).hexdigest()])[:20]


def _joined_digest(parts: Sequence[str]) -> str:
    return hashlib.md5(_joined(parts).encode()).hexdigest()


def _joined(parts: Any) -> str:
    return "\x1f".join("\x00" if part is None else _said(part) for part in parts)


def _said(value: Any) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    return str(value)
