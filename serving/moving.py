"""Moves what was posted and what was shown between workspaces, and into files and out of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from serving import logs, posted, row_files
from serving.canonical_rows import posted_event, posted_item
from serving.destinations import Post
from serving.event_log import EVENT, ITEM, Entry, Record
from serving.log_reader import parts
from serving.posted import PostedEvent, PostedItem
from swayrec.operations import exposures
from swayrec.operations.exposures_taken_in import take_in
from swayrec.operations.workspace import Workspace
from swayrec.tables import schema
from swayrec.tables.errors import InputError

Kind = Literal["events", "items", "exposures"]

EVENTS = pa.schema([field for field in schema.EVENTS if field.name != "order"])
"""Posted events in a file: the order within a user follows from all of them together."""

_AT_ONCE = 1_000
_TAGS = "tags"


@dataclass(frozen=True)
class Imported:
    """How many rows were kept, and how many refused into ``quarantine``."""

    kept: int
    refused: int
    quarantine: Path | None


def export(
    workspace: Workspace,
    scenario: str,
    kind: Kind,
    path: Path,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Writes a file of what a scenario's log or exposures hold; how many rows.

    Events are those that happened at or after ``since`` and before ``until``, exposures those shown then. Of
    each item the newest post is written, whenever it was.

    Raises:
        InputError: the log cannot be read, or the file has another ending than CSV, Parquet and JSON Lines have.
    """
    row_files.kind(path)
    if kind == "exposures":
        table = exposures.read(workspace.exposures / scenario, _seconds(since), _seconds(until))
        return row_files.write([table], table.schema, path)
    if kind == "items":
        newest: dict[str, dict[str, Any]] = {}
        for part in _parts(workspace, scenario):
            newest.update((entry.subject, posted_item(entry.content)) for entry in part if entry.kind == ITEM)
        return row_files.write(
            [pa.Table.from_pylist(list(newest.values()), schema.ITEMS)], schema.ITEMS, path
        )

    def events() -> Iterator[pa.Table]:
        for part in _parts(workspace, scenario):
            told = [posted_event(entry.content) for entry in part if entry.kind == EVENT]
            within = [
                event
                for event in told
                if (since is None or event["timestamp"] >= since)
                and (until is None or event["timestamp"] < until)
            ]
            yield pa.Table.from_pylist(within, EVENTS)

    return row_files.write(events(), EVENTS, path)


def import_(
    workspace: Workspace, scenario: str, kind: Kind, path: Path, behaviors: Sequence[str], post: Post
) -> Imported:
    """Posts a file's events or items, or takes its exposures in.

    A row that could not be posted goes into a file of the workspace with its number and the reason; all others
    are kept. Events that are known already, by their id, count once.

    Raises:
        InputError: the file cannot be read.
    """
    if kind == "exposures":
        kept, refused = take_in(workspace.exposures / scenario, row_files.rows(path))
        return _noted(workspace, scenario, path, kept, refused)
    kept, refused, waiting = 0, [], []
    for number, row in row_files.rows(path, ["value"]):
        try:
            waiting.append(_record(row, kind, behaviors, f"row {number}"))
        except InputError as error:
            refused.append((number, str(error), row))
        if len(waiting) >= _AT_ONCE:
            post(waiting)
            kept, waiting = kept + len(waiting), []
    if waiting:
        post(waiting)
    return _noted(workspace, scenario, path, kept + len(waiting), refused)


def _record(row: Mapping[str, Any] | str, kind: Kind, behaviors: Sequence[str], place: str) -> Record:
    if isinstance(row, str):
        raise InputError(f"{place} is no JSON object")
    now = datetime.now(UTC)
    if kind == "events":
        event = posted.one(row, PostedEvent, place)
        posted.check(event, behaviors, now.timestamp(), place)
        return event.record(now)
    if isinstance(row.get(_TAGS), str):
        row = {**row, _TAGS: row[_TAGS].split("|")}
    return posted.one(row, PostedItem, place).record()


def _noted(
    workspace: Workspace,
    scenario: str,
    path: Path,
    kept: int,
    refused: Sequence[tuple[int, str, Mapping[str, Any] | str]],
) -> Imported:
    if not refused:
        return Imported(kept, 0, None)
    place = workspace.posted / f"{scenario}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.refused.jsonl"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w", encoding="utf-8") as file:
        for number, reason, row in refused:
            told = {"file": path.name, "row": number, "reason": reason, "content": row}
            file.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")
    return Imported(kept, len(refused), place)


def _parts(workspace: Workspace, scenario: str) -> Iterator[list[Entry]]:
    reader = logs.reader(workspace, scenario)
    try:
        yield from parts(reader)
    finally:
        reader.close()


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
