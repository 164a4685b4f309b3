"""Posted events beside those of the raw files: each once, and the bad ones told apart."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from swayrec.tables.event_rows import Found, read_events
from swayrec.tables.fates import Bounds, stored
from swayrec.tables.posted import AHEAD, Posted
from swayrec.tables.quarantine import Quarantine
from swayrec.tables.reading import Raw, open_raw
from swayrec.tables.scenario import Scenario

IN_FILES = "the files have it"
"""The reason that a posted event is left out for whose id an event of a raw file has."""


def read_posted(
    engine: Any,
    work: Path,
    log: Posted,
    of_files: Sequence[Any],
    known_items: Any,
    scenario: Scenario,
    scenario_name: str,
    bounds: Bounds,
    bad: Quarantine,
) -> tuple[Raw, Found]:
    """Reads the exported events.

    Args:
        engine: an Ibis connection.
        work: a folder for copies, which must outlive the events.
        log: the export.
        of_files: the events of each raw source.
        known_items: Ibis table with item_id; None = every id is an item.
        scenario: for the behaviors.
        scenario_name: the scenario file's name, for errors.
        bounds: the end of the log.
        bad: where bad ones go; however many there are, they stop nothing.

    Returns:
        The file, and its events and their account.

    Raises:
        InputError: the export is damaged.
    """
    if not pq.read_metadata(log.events).num_rows:
        return Raw(log.events, None, (), False, 0, None), Found(0)
    raw, source = open_raw(engine, log.events, work), log.source()
    # What the intake took cannot lie too far ahead.
    bounds = replace(bounds, now=bounds.now + AHEAD)
    borne = replace(bad, most_bad=1.0)
    found = read_events(engine, source, raw, None, known_items, scenario, scenario_name, bounds, borne)
    # Each event names the platform that it came from.
    events = found.events.drop("source").inner_join(raw.table.select("event_id", "source"), "event_id")
    fresh = events = stored(engine, events)
    for others in of_files:
        fresh = fresh.anti_join(others, "event_id")
    fresh = stored(engine, fresh)
    held = events.count().to_pyarrow().as_py() - fresh.count().to_pyarrow().as_py()
    return raw, replace(found, events=fresh, left_out={IN_FILES: held} if held else {})
