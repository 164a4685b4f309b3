"""A canonical dataset: a folder with events, items and users as Parquet, and the report of how they came."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from swayrec.tables import schema
from swayrec.tables.errors import InputError
from swayrec.tables.intact import intact
from swayrec.tables.log import Log
from swayrec.tables.log_parts import IDS, LogPart, log_parts, whole
from swayrec.tables.scenario import Scenario

EVENTS, ITEMS, USERS = "events.parquet", "items.parquet", "users.parquet"
REPORT = "ingest.json"
QUARANTINE = "quarantine"
POSTED_ITEMS = "posted_items.parquet"

ORDER = ("user_id", "order", "event_id")
"""What the events are sorted by."""

AT_ONCE = 2_000_000
"""Events of the parts that a log is read in: about 300 MB while their ids are text."""


@dataclass(frozen=True)
class Dataset:
    """The folder that `ingest` writes: canonical tables, ``ingest.json`` and ``quarantine/<source>.csv``."""

    folder: Path

    def events(self) -> pa.Table:
        """What people did, in the columns of ``schema.EVENTS``, by user, order and event_id."""
        return self._table(EVENTS)

    def items(self) -> pa.Table:
        """What can be recommended, in the columns of ``schema.ITEMS``, by item_id."""
        return self._table(ITEMS)

    def users(self) -> pa.Table:
        """Users and their groups, in the columns of ``schema.users_schema``, by user_id."""
        return self._table(USERS)

    def posted_items(self) -> pa.ChunkedArray:
        """The ids of the items that somebody posted, sorted: these can be recommended before anything happens."""
        if not (self.folder / POSTED_ITEMS).exists():
            return pa.chunked_array([], pa.string())
        return self._table(POSTED_ITEMS)["item_id"]

    @property
    def made_of(self) -> str | None:
        """What tells the data that it was made of from any other; None where that was not noted."""
        made_of: str | None = self.report().get("made_of")
        return made_of

    @property
    def posted_upto(self) -> int | None:
        """The stamp of the newest entry of the intake's log that was read, in microseconds since the epoch.

        None where no log was read: there was none, or the dataset was made without it.
        """
        upto: int | None = self.report().get("posted_upto")
        return upto

    def report(self) -> dict[str, Any]:
        """The account of the ingest: rows, events, what was left out and what was bad."""
        path = self._path(REPORT)
        with intact(path):
            report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return report

    def first_bad(self) -> dict[str, dict[str, int]]:
        """The number of the first quarantined row, by source and reason."""
        found: dict[str, dict[str, int]] = {}
        for path in sorted((self.folder / QUARANTINE).glob("*.csv")):
            wanted = pa_csv.ConvertOptions(include_columns=["row", "reason"])
            parse = pa_csv.ParseOptions(newlines_in_values=True)
            with intact(path):
                rows = pa_csv.read_csv(path, parse_options=parse, convert_options=wanted)
                first = rows.group_by("reason").aggregate([("row", "min")])
                found[path.stem] = dict(
                    zip(*(first[name].to_pylist() for name in ("reason", "row_min")), strict=True)
                )
        return found

    def fingerprint(self) -> str:
        """64 hexadecimal digits that change when anything in the tables does (SHA-256)."""
        digest = hashlib.sha256()
        posted = [POSTED_ITEMS] if (self.folder / POSTED_ITEMS).exists() else []
        for name in (EVENTS, ITEMS, USERS, *posted):
            with self._path(name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def log(self, scenario: Scenario, also: Iterable[str] = ()) -> Log:
        """The events as arrays, over the items that both tables know and ``also`` these, by rising item_id."""
        items = self.catalogue(also)
        return whole(self.parts(items), items, scenario.behavior_names, scenario.model.period)

    def catalogue(self, also: Iterable[str] = ()) -> list[str]:
        """The items that both tables know and ``also`` these, by rising item_id."""
        known = pc.unique(self._table(ITEMS, ["item_id"])["item_id"])
        seen = pa.array([], pa.string())
        path = self._path(EVENTS)
        with intact(path), pq.ParquetFile(path) as file:
            for batch in file.iter_batches(IDS, columns=["item_id"]):
                seen = pc.unique(pa.chunked_array([seen, pc.unique(batch["item_id"])]))
        return sorted({*seen.filter(pc.is_in(seen, value_set=known)).to_pylist(), *also})

    def parts(self, items: Sequence[str], rows: int = AT_ONCE) -> list[LogPart]:
        """The events by parts of users, of about ``rows`` events each, over a catalogue."""
        path = self._path(EVENTS)
        with intact(path):
            return log_parts(path, items, rows)

    def _table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        path = self._path(name)
        with intact(path):
            return pq.read_table(path, columns=columns)

    def _path(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise InputError(
                f"{path}: there is no such file, so this is no whole dataset; run `swayrec train SCENARIO` again"
            )
        return path


def write(
    folder: Path, events: pa.Table, items: pa.Table, users: pa.Table, report: dict[str, Any]
) -> Dataset:
    """Writes the tables of a dataset into a folder that exists; events are put by user, order and event_id."""
    events = events.cast(schema.EVENTS).sort_by([(name, "ascending") for name in ORDER])
    pq.write_table(events, folder / EVENTS, compression="zstd")
    return write_beside(folder, items, users, report)


def write_beside(folder: Path, items: pa.Table, users: pa.Table, report: dict[str, Any]) -> Dataset:
    """Writes what a dataset has beside its events, which are written part by part, into a folder that exists."""
    for name, table in ((ITEMS, items.cast(schema.ITEMS)), (USERS, users)):
        pq.write_table(table, folder / name, compression="zstd")
    (folder / REPORT).write_text(json.dumps(report, indent=2, ensure_ascii=False), encoding="utf-8")
    return Dataset(folder)


def write_posted(folder: Path, items: pa.ChunkedArray) -> None:
    """Writes into a dataset's folder which items were posted."""
    pq.write_table(pa.table({"item_id": items}), folder / POSTED_ITEMS, compression="zstd")
