"""What a caller may ask, and what is wrong with it in one sentence."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from serving.reasons import LANGUAGES
from swayrec.learning.categories import SEPARATOR
from swayrec.learning.signature import Metadata
from swayrec.tables.errors import InputError
from swayrec.tables.schema import LONGEST_ID

MOST_INSTANCES = 64
"""Questions a request: the answer to one with more would not fit a message of the usual size."""

Id = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
Instant = Annotated[
    datetime | None,
    Field(strict=False),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}, {"type": "null"}]}
    ),
]

_EARLIEST, _LATEST = (
    datetime(1900, 1, 1, tzinfo=UTC).timestamp(),
    datetime(2200, 1, 1, tzinfo=UTC).timestamp(),
)


class Asked(BaseModel):
    """A part of a request: unknown fields are refused, text is not taken for a number nor the reverse."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Event(Asked):
    """Something that the user did in this very session and that no store may know yet."""

    item_id: Id
    behavior: Id
    timestamp: Instant = None

    @property
    def time(self) -> float | None:
        """Epoch seconds; a time without a zone is UTC."""
        return _seconds(self.timestamp)


class Question(Asked):
    """What should be recommended to a user, in a session, or beside an item.

    ``item_id``: what is similar to it is wanted, whoever asks. Without ``user_id``, ``events`` alone speak.
    ``exclude_seen``: whether items that the user's past takes off the list stay off; ``exclude_own``: whether
    all that the user ever did anything with does. ``exclude``: further items not to be shown. ``category``:
    only these, ``category_match`` "all": only what is in all of them. ``candidates``: rank only these.
    ``events``: the session's own events, oldest first. ``now``: asked as of this instant. ``diversity``: 0
    leaves the order alone. ``reasons``: whether they are told. ``language`` of the reasons.
    """

    user_id: Id | None = None
    k: int = Field(10, ge=1)
    item_id: Id | None = None
    exclude_seen: bool = True
    exclude_own: bool = False
    exclude: list[Id] = Field(default=[], max_length=10_000)
    category: list[Id] = Field(default=[], max_length=1_000)
    category_match: Literal["any", "all"] = "any"
    candidates: list[Id] | None = Field(default=None, min_length=1, max_length=10_000)
    events: list[Event] = Field(default=[], max_length=1_000)
    now: Instant = None
    diversity: float = Field(0.0, ge=0, le=1)
    reasons: bool = True
    language: str | None = None
    request_id: Id | None = None

    @property
    def categories(self) -> list[str]:
        """What an item must be in one of; an entry that joins several wants them all."""
        return [SEPARATOR.join(self.category)] if self.category_match == "all" else self.category

    @property
    def as_of(self) -> float | None:
        """``now`` in epoch seconds."""
        return _seconds(self.now)


class Why(Asked):
    """Why an item would be recommended to a user, or in a session."""

    user_id: Id | None = None
    item_id: Id
    events: list[Event] = Field(default=[], max_length=1_000)
    now: Instant = None
    language: str | None = None
    request_id: Id | None = None

    @property
    def as_of(self) -> float | None:
        """``now`` in epoch seconds."""
        return _seconds(self.now)


def _seconds(time: datetime | None) -> float | None:
    if time is None:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


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
    return checked(instances, kind, shape, now, "instances")


def checked(raws: Sequence[Any], kind: type[Kind], shape: Metadata, now: float, name: str) -> list[Kind]:
    """Raw questions checked one by one; ``name`` is what errors call their list.

    Raises:
        InputError: one sentence about the first thing that is wrong.
    """
    return [_one(raw, kind, shape, now, f"{name}[{place}]") for place, raw in enumerate(raws)]


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
    if asked.language is not None and asked.language not in LANGUAGES:
        raise InputError(f"{place}.language is {asked.language!r}; it must be {' or '.join(LANGUAGES)}")
    if isinstance(asked, Question) and asked.item_id is not None:
        _asks_for_similar(asked, shape, place)
    elif asked.user_id is None and not asked.events:
        raise InputError(f"{place}.user_id is missing; give it, or the events of a session")
    if asked.as_of is not None:
        if shape.until is None:
            raise InputError(f"{place}.now has no meaning here: the model's log has no clock; leave it out")
        _is_sane(asked.as_of, f"{place}.now")
    for number, event in enumerate(asked.events):
        _fits(event, asked.as_of, shape, now, f"{place}.events[{number}]")
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


def _asks_for_similar(asked: Question, shape: Metadata, place: str) -> None:
    for field in ("user_id", "candidates", "events", "now", "diversity"):
        if getattr(asked, field):
            raise InputError(
                f"{place} has item_id and {field}; what is similar to an item is the same for everyone, "
                "so leave one of them out"
            )
    if shape.similar is None:
        raise InputError(
            f"{place}.item_id cannot be answered: this model holds no similarity of items; train a new one"
        )


def _fits(event: Event, as_of: float | None, shape: Metadata, now: float, place: str) -> None:
    if event.behavior not in shape.behaviors:
        raise InputError(
            f"{place}.behavior is {event.behavior!r}; the model knows {', '.join(shape.behaviors)}"
        )
    if event.time is None:
        return
    _is_sane(event.time, f"{place}.timestamp")
    if as_of is not None and event.time > as_of:
        raise InputError(f"{place}.timestamp lies after now; give a time before it")
    if shape.clock == "wall" and event.time > now + 60:
        raise InputError(f"{place}.timestamp lies in the future; give a time in the past")


def _is_sane(time: float, place: str) -> None:
    if not _EARLIEST <= time < _LATEST:
        raise InputError(f"{place} is no time of this log; give one between the years 1900 and 2200")


def sentence(
    error: ValidationError, kind: type[Asked], place: str, parts: Mapping[str, type[Asked]] | None = None
) -> str:
    """What is wrong with ``place``, which should have been a ``kind``, in one sentence: the first thing.

    ``parts`` says what the fields that hold lists of parts hold; default: ``events``.
    """
    first = error.errors()[0]
    field = place
    for part in first["loc"]:
        field += f"[{part}]" if isinstance(part, int) else f".{str(part)[:60]}"
    if first["type"] == "extra_forbidden":
        within = {"events": Event} if parts is None else parts
        known = next((within[str(part)] for part in first["loc"][:-1] if part in within), kind)
        return f"{field} is not known; the fields are {', '.join(known.model_fields)}"
    if first["type"] == "missing":
        return f"{field} is missing; give it"
    said = repr(first["input"])
    shown = said if len(said) <= 60 else said[:57] + "..."
    message = first["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
    return f"{field} is {shown}: {message[0].lower()}{message[1:]}"
