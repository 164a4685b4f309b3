"""Raw files to a canonical dataset, through Ibis on DuckDB or Spark."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from swayrec.tables import dataset, paths, schema
from swayrec.tables.beside import laid_beside
from swayrec.tables.dataset import Dataset
from swayrec.tables.engine import batches, chosen, connect
from swayrec.tables.errors import InputError
from swayrec.tables.event_rows import Found, read_events
from swayrec.tables.events_file import ROWS, Written, write_events
from swayrec.tables.fates import Bounds
from swayrec.tables.instants import ranked
from swayrec.tables.item_rows import read_items, read_users
from swayrec.tables.posted import ITEMS, OF_EVENTS, OF_ITEMS, Posted, laid_over
from swayrec.tables.posted_rows import read_posted
from swayrec.tables.quarantine import Quarantine
from swayrec.tables.reading import Raw, open_raw
from swayrec.tables.rows import REASON, ROW
from swayrec.tables.scenario import Scenario
from swayrec.tables.scenario_sources import Beside, EventSource, ItemSource, Join, UserSource
from swayrec.tables.whole_folder import whole_folder


def ingest(
    scenario: Scenario,
    scenario_name: str,
    folder: Path,
    *,
    until: datetime | None,
    now: datetime,
    posted: Path | None = None,
    made_of: str | None = None,
    engine: str | None = None,
    since: datetime | None = None,
) -> Dataset:
    """Makes the canonical dataset of a scenario's raw files, and of what was posted beside them.

    Bad rows are counted and kept in ``quarantine/<source>.csv`` of the dataset; where there are too many, in
    ``<folder>.rejected/<source>.csv``, and no dataset is written. Nobody can mend what was posted: bad ones of
    those are kept likewise, and stop nothing.

    Args:
        scenario: says where the files are and what their columns mean.
        scenario_name: the scenario file's name, for errors.
        folder: written whole; a dataset that is there already is replaced.
        until: events at or after this instant are ignored (UTC where it names no zone); None = all are used.
        now: a later time in the data is an error in the data.
        posted: the folder of an exported log (:class:`~swayrec.tables.posted.Posted`). Its events count beside
            those of the files, once by event_id; its items replace those of the files. None = nothing.
        made_of: what tells these data from any other, for the report.
        engine: what computes the tables, one of ``engine.ENGINES``; None = what SWAYREC_ENGINE names.
        since: events before this instant are ignored; None = none are.

    Raises:
        InputError: a file or column is missing or broken, too many rows are bad, a behavior never occurs.
    """
    rejected = folder.with_name(f"{folder.name}.rejected")
    shutil.rmtree(rejected, ignore_errors=True)
    bounds = Bounds(_utc(until), _utc(now) or now, _utc(since))
    _check_bounds(scenario, scenario_name, bounds)
    by = chosen(engine)
    with whole_folder(folder) as made, tempfile.TemporaryDirectory(prefix="swayrec-ingest-") as work:
        connection = connect(Path(work), by)
        try:
            quarantined = Quarantine(rejected, scenario.quality.most_bad)
            items, users, report = _tables(
                connection,
                Path(work),
                made / dataset.EVENTS,
                scenario,
                scenario_name,
                bounds,
                quarantined,
                None if posted is None else Posted(posted),
            )
        finally:
            connection.disconnect()
        dataset.write_beside(made, items, users, {**report, "made_of": made_of})
        if posted is not None:
            dataset.write_posted(made, Posted(posted).items()["item_id"])
        if rejected.exists():
            shutil.move(rejected, made / dataset.QUARANTINE)
    return Dataset(folder)


def _tables(
    engine: Any,
    work: Path,
    target: Path,
    scenario: Scenario,
    name: str,
    bounds: Bounds,
    quarantined: Quarantine,
    log: Posted | None,
) -> tuple[pa.Table, pa.Table, dict[str, Any]]:
    def opened(source: EventSource | Beside | Join | ItemSource | UserSource) -> Raw:
        return open_raw(engine, paths.resolve(source.path, name), work, source.separator)

    report: dict[str, Any] = {
        "scenario": scenario.name,
        "until": bounds.until.isoformat() if bounds.until else None,
        "since": bounds.since.isoformat() if bounds.since else None,
        "now": bounds.now.isoformat(),
        "sources": {},
    }
    items = known = None
    if scenario.items is not None:
        raw = opened(scenario.items)
        items, bad = read_items(engine, scenario.items, raw, name, quarantined)
        report["sources"]["items"] = _account(raw, Found(raw.rows, None, quarantined=bad), len(items))
        if log is not None:
            items = laid_over(items, log.items())
        known = engine.create_table("known_items", ibis.memtable(items.select(["item_id"])), temp=True)
    parts = []
    for source in scenario.events:
        raw = opened(source)
        seconds: dict[str, dict[str, Any]] = {}
        if source.beside is not None:
            other = opened(source.beside)
            seconds["beside"] = _second(other, f"{source.name}.beside", quarantined)
            raw = laid_beside(engine, raw, other, source.beside, f"events.{source.name}.beside", name)
        joined = opened(source.join) if source.join else None
        if joined is not None:
            seconds["joined"] = _second(joined, f"{source.name}.join", quarantined)
        found = read_events(engine, source, raw, joined, known, scenario, name, bounds, quarantined)
        count = 0 if found.events is None else found.events.count().to_pyarrow().as_py()
        report["sources"][source.name] = _account(raw, found, count) | seconds
        if found.events is not None:
            parts.append((source, found.events))
    late = None
    if log is not None:
        of_files = [events for _, events in parts]
        raw, found = read_posted(engine, work, log, of_files, known, scenario, name, bounds, quarantined)
        late, taken = found.events, log.items()
        kept = 0 if late is None else late.count().to_pyarrow().as_py()
        report["sources"][OF_EVENTS] = _account(raw, found, kept)
        item_rows = Raw(log.folder / ITEMS, None, (), False, len(taken), None)
        report["sources"][OF_ITEMS] = _account(item_rows, Found(len(taken)), len(taken))
        report["posted_upto"] = log.upto
    events = write_events(target, _events(engine, ranked(parts, name, late)) if parts else ())
    _check_shown(events, scenario, name, bounds)
    if items is None:
        items = _bare(schema.ITEMS, "item_id", events.items)
        if log is not None:
            items = laid_over(items, log.items())
    groups = schema.users_schema(scenario.groups)
    users = _bare(groups, "user_id", events.users)
    if scenario.users is not None:
        raw = opened(scenario.users)
        known_users, bad = read_users(engine, scenario.users, raw, name, quarantined)
        report["sources"]["users"] = _account(raw, Found(raw.rows, None, quarantined=bad), len(known_users))
        others = users.filter(
            pc.invert(pc.is_in(users["user_id"], value_set=known_users["user_id"].combine_chunks()))
        )
        users = pa.concat_tables([known_users, others]).sort_by("user_id")
    report |= _sums(events, items, users, scenario)
    return items, users, report


def _second(raw: Raw, called: str, quarantined: Quarantine) -> dict[str, Any]:
    """The account of a source's second file, whose unreadable rows are set aside under its own name."""
    bad: dict[str, int] = {}
    if raw.unreadable is not None:
        nothing = raw.table.filter(ibis.literal(False)).select(ROW, **{REASON: ibis.null("string")})
        bad = quarantined.add(called, raw, nothing, {})
    return {"path": str(raw.path), "rows": raw.rows, "quarantined": bad}


def _events(engine: Any, ordered: Any) -> pa.RecordBatchReader:
    names = [field.name for field in schema.EVENTS]
    rows = ordered.rename(timestamp="at").select(*names)
    return batches(engine, rows.order_by(list(dataset.ORDER)), ROWS)


def _bare(shape: pa.Schema, name: str, ids: pa.Array) -> pa.Table:
    """A table of ids alone, which are sorted: for items and users that no file describes."""
    return pa.table(
        {field.name: ids if field.name == name else pa.nulls(len(ids), field.type) for field in shape},
        schema=shape,
    )


def _account(raw: Raw, found: Found, kept: int) -> dict[str, Any]:
    return {
        "path": str(raw.path),
        "rows": raw.rows,
        "kept": kept,
        "left_out": dict(found.left_out),
        "quarantined": dict(found.quarantined),
        "ignored": found.ignored,
        "merged": found.merged,
    }


def _sums(events: Written, items: pa.Table, users: pa.Table, scenario: Scenario) -> dict[str, Any]:
    return {
        "events": events.events,
        "event_users": len(events.users),
        "event_items": len(events.items),
        "users": len(users),
        "items": len(items),
        "behaviors": {name: events.behaviors[name] for name in scenario.behavior_names},
        "from": events.first.isoformat() if events.first else None,
        "to": events.last.isoformat() if events.last else None,
    }


def _check_bounds(scenario: Scenario, name: str, bounds: Bounds) -> None:
    clockless = [source.name for source in scenario.events if source.left_out is None and source.time is None]
    if not clockless:
        return
    ends = (
        (bounds.until, "from {} on; leave --until away"),
        (bounds.since, "before {}; leave `since` away"),
    )
    for instant, told in ends:
        if instant is not None:
            raise InputError(
                f"{name}: events.{clockless[0]} has no time column, so nothing can be ignored "
                f"{told.format(instant.isoformat())} or name the column in `time`"
            )


def _check_shown(events: Written, scenario: Scenario, name: str, bounds: Bounds) -> None:
    shown = set(events.behaviors)
    before = f" before {bounds.until.isoformat()}" if bounds.until else ""
    if not shown:
        raise InputError(f"{name}: no event is left{before}; see to the files, `where` and --until")
    files = ", ".join(source.path for source in scenario.events if source.left_out is None)
    for behavior in scenario.behaviors:
        if behavior.name not in shown:
            what = (
                f"the target {behavior.name} never happens"
                if behavior.target
                else f"nobody shows {behavior.name}"
            )
            raise InputError(
                f"{name}: {what}{before} in {files}, though behaviors lists it; "
                "mend how the events name their behavior, or remove it from behaviors"
            )


def _utc(instant: datetime | None) -> datetime | None:
    if instant is None or instant.tzinfo is not None:
        return instant
    return instant.replace(tzinfo=UTC)
