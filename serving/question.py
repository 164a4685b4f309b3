"""What a caller may ask, and what is wrong with it in one sentence."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from swayrec.learning.signature import Metadata
from swayrec.tables.errors import InputError

MOST_INSTANCES = 64
"""Questions a request: the answer to one with more would not fit a message of the usual size."""

Id = Annotated[str, Field(min_length=1, max_length=1024)]


class Asked(BaseModel):
    """A part of a request: unknown fields are refused, text is not taken for a number nor the reverse."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Event(Asked):
    """Something that the user did in this very session and that no store may know yet."""

    item_id: Id
    behavior: Id
    timestamp: Annotated[datetime | None, Field(strict=False)] = None

    @property
    def time(self) -> float | None:
        """Epoch seconds; a time without a zone is UTC."""
        if self.timestamp is None:
            return None
        zoned = self.timestamp if self.timestamp.tzinfo else self.timestamp.replace(tzinfo=UTC)
        return zoned.timestamp()


class Question(Asked):
    """What should be recommended to a user.

    ``exclude_seen``: whether items that the user's past takes off the list stay off. ``exclude``: further
    items not to be shown. ``category``: only these. ``candidates``: rank only these. ``events``: the
    session's own events, oldest first. ``diversity``: 0 leaves the order alone. ``language`` of the reasons.
    """

    user_id: Id
    k: int = Field(10, ge=1)
    exclude_seen: bool = True
    exclude: list[Id] = Field(default=[], max_length=10_000)
    category: list[Id] = []
    candidates: list[Id] | None = Field(default=None, min_length=1)
    events: list[Event] = Field(default=[], max_length=1_000)
    diversity: float = Field(0.0, ge=0, le=1)
    language: str | None = None
    request_id: Id | None = None


class Why(Asked):
    """Why an item would be recommended to a user."""

    user_id: Id
    item_id: Id
    events: list[Event] = Field(default=[], max_length=1_000)
    language: str | None = None
    request_id: Id | None = None


Kind = TypeVar("Kind", Question, Why)


def parse(body: Any, kind: type[Kind], shape: Metadata, now: float) -> list[Kind]:
    """The questions of a v1 request, ``{"instances": [{...}, ...]}``.

    Args:
        body: the decoded JSON.
        kind: what each instance is.
        shape: the model's metadata, for its limits, behaviors and languages.
        now: epoch seconds; an event may not lie ahead.

    Raises:
        InputError: one sentence about the first thing that is wrong.
    """
    if not isinstance(body, Mapping):
        raise InputError('the request must be a JSON object like {"instances": [{"user_id": "u1"}]}')
    if unknown := sorted(str(field) for field in set(body) - {"instances"}):
        raise InputError(f"the request's field {unknown[0]} is not known; the only one is instances")
    instances = body.get("instances")
    if not isinstance(instances, Sequence) or isinstance(instances, str) or not instances:
        raise InputError("instances must be a list of at least one question")
    if len(instances) > MOST_INSTANCES:
        raise InputError(f"instances holds {len(instances)} questions; ask at most {MOST_INSTANCES} at once")
    return [_one(raw, kind, shape, now, f"instances[{place}]") for place, raw in enumerate(instances)]


def _one(raw: Any, kind: type[Kind], shape: Metadata, now: float, place: str) -> Kind:
    if not isinstance(raw, Mapping):
        raise InputError(f"{place} must be an object with the fields {', '.join(kind.model_fields)}")
    try:
        asked = kind.model_validate(raw)
    except ValidationError as error:
        raise InputError(sentence(error, kind, place)) from None
    _agrees(asked, shape, now, place)
    return asked


def _agrees(asked: Question | Why, shape: Metadata, now: float, place: str) -> None:
    if asked.language is not None and asked.language not in ("en", "zh"):
        raise InputError(f"{place}.language is {asked.language!r}; it must be en or zh")
    for number, event in enumerate(asked.events):
        if event.behavior not in shape.behaviors:
            raise InputError(
                f"{place}.events[{number}].behavior is {event.behavior!r}; "
                f"the model knows {', '.join(shape.behaviors)}"
            )
        if shape.clock == "wall" and (event.time or 0.0) > now + 60:
            raise InputError(
                f"{place}.events[{number}].timestamp lies in the future; give a time in the past"
            )
    if isinstance(asked, Question):
        if asked.k > shape.results:
            raise InputError(f"{place}.k is {asked.k}; it must be between 1 and {shape.results}")
        if len(asked.category) > shape.categories:
            raise InputError(
                f"{place}.category holds {len(asked.category)} values; give {shape.categories} at most"
            )
        if asked.candidates and len(asked.candidates) > shape.candidates:
            raise InputError(
                f"{place}.candidates holds {len(asked.candidates)} items; give {shape.candidates} at most"
            )


def sentence(error: ValidationError, kind: type[Asked], place: str) -> str:
    """What is wrong with ``place``, which should have been a ``kind``, in one sentence: the first thing."""
    first = error.errors()[0]
    field = place
    for part in first["loc"]:
        field += f"[{part}]" if isinstance(part, int) else f".{part}"
    if first["type"] == "extra_forbidden":
        known = Event if "events" in first["loc"][:-1] else kind
        return f"{field} is not known; the fields are {', '.join(known.model_fields)}"
    if first["type"] == "missing":
        return f"{field} is missing; give it"
    said = repr(first["input"])
    shown = said if len(said) <= 60 else said[:57] + "..."
    message = first["msg"].replace("Input should be", "it must be")
    return f"{field} is {shown}: {message[0].lower()}{message[1:]}"
