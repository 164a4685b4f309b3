"""CloudEvents 1.0 over HTTP, in all three modes, as posted events."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import ConfigDict, JsonValue, ValidationError

from serving.posted import Instant, PostedEvent, Short, content_id, decoded, objects, one
from serving.question import Asked, sentence
from swayrec.tables.errors import InputError

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

_OURS = ("event_id", "source", "timestamp")
"""Fields of an event that the envelope tells: id, source and time."""

_EXTENSION = re.compile(r"[a-z0-9]{1,64}")


class Envelope(Asked):
    """The context attributes of CloudEvents 1.0; ``data`` holds the fields of the event itself."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    specversion: Literal["1.0"]
    id: Short
    source: Short
    type: Short
    subject: Short | None = None
    time: Instant | None = None
    datacontenttype: Short | None = None
    dataschema: Short | None = None
    data: dict[str, JsonValue]


def is_cloud_event(content_type: str, headers: Mapping[str, str]) -> bool:
    """Whether a request speaks CloudEvents."""
    return content_type in (STRUCTURED, BATCH) or "ce-specversion" in headers


def parse(
    body: bytes, content_type: str, headers: Mapping[str, str], behaviors: Sequence[str]
) -> list[PostedEvent]:
    """The events of a request.

    An event is known by its source and id together, as CloudEvents has it. Its behavior is the one that the
    data name, else the part of ``type`` behind the last dot. Extension attributes are taken and not kept.

    Args:
        body: as it came.
        content_type: without parameters.
        headers: with names in lower case.
        behaviors: the scenario's.

    Raises:
        InputError: one sentence about the first thing that is wrong.
    """
    raw = decoded(body)
    if content_type not in (STRUCTURED, BATCH):
        attributes = {name[3:]: unquote(told) for name, told in headers.items() if name.startswith("ce-")}
        return [_event({**attributes, "data": raw}, "event", behaviors)]
    if (content_type == BATCH) != isinstance(raw, list):
        wanted = "a list of events" if content_type == BATCH else "one event as a JSON object"
        raise InputError(f"the body must be {wanted}, as the content type {content_type} says")
    return [_event(told, place, behaviors) for told, place in objects(raw, "event")]


def _event(raw: Mapping[str, Any], place: str, behaviors: Sequence[str]) -> PostedEvent:
    try:
        told = Envelope.model_validate(raw)
    except ValidationError as error:
        raise InputError(sentence(error, Envelope, place)) from None
    for name in told.model_extra or {}:
        if not _EXTENSION.fullmatch(name):
            raise InputError(
                f"{place}.{name} is no attribute of a CloudEvent; their names are of the letters a-z and digits"
            )
    for name in _OURS:
        if name in told.data:
            raise InputError(f"{place}.data.{name} must stand in the envelope: as id, source or time")
    data = dict(told.data)
    kind = told.type.rpartition(".")[2]
    if "behavior" not in data and kind in behaviors:
        data["behavior"] = kind
    return one(data, PostedEvent, f"{place}.data").model_copy(
        update={
            "event_id": content_id({"source": told.source, "id": told.id}),
            "source": told.source,
            "timestamp": told.time,
        }
    )
