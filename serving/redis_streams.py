"""How the event log lies in a Redis: the names of its keys, and an entry of a stream."""

import json
from typing import Any

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from serving.event_log import Entry
from swayrec.tables.errors import InputError

_PATIENCE = 5.0


def client(url: str) -> Any:
    """Of redis-py, whose annotations answer for its asyncio twin too.

    Raises:
        InputError: the address is none.
    """
    retry = Retry(ExponentialBackoff(cap=0.5, base=0.05), 2)
    limits = {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
    try:
        return redis.Redis.from_url(url, decode_responses=True, retry=retry, **limits)
    except ValueError as error:
        raise InputError(
            f"the event log cannot be opened ({error}); give redis://host:port/database"
        ) from None


def prefix(scenario: str) -> str:
    """What all keys of a scenario's log begin with; one hash tag, so that they lie on one node."""
    return f"{{swayrec:{scenario}}}:"


def state(scenario: str) -> str:
    """The hash with the newest sequence and stamp, and the number of streams."""
    return f"{prefix(scenario)}state"


def stream(scenario: str, partition: int) -> str:
    """A stream of entries."""
    return f"{prefix(scenario)}entries:{partition}"


def number(place: str) -> int:
    """The sequence of an entry's place in its stream."""
    return int(place.partition("-")[0])


def entry(sequence: int, fields: dict[str, str]) -> Entry:
    """An entry of a stream."""
    content = json.loads(fields["content"])
    return Entry(sequence, int(fields["stamp"]), fields["kind"], fields["subject"], content)
