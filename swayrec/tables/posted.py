"""What was posted to a scenario's intake, as its log was exported for an ingest: a folder of two tables."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from swayrec.tables import schema
from swayrec.tables.intact import intact
from swayrec.tables.scenario_sources import EventSource
from swayrec.tables.whole_folder import whole_folder

EVENTS, ITEMS = "events.parquet", "items.parquet"
OF_EVENTS, OF_ITEMS = "posted.events", "posted.items"
"""What the two are called among an ingest's sources: no source of a scenario can have a dot in its name."""

AHEAD = timedelta(minutes=1)
"""How far ahead of the clock an event's time may lie when it is posted."""

POSTED_EVENTS = pa.schema([field for field in schema.EVENTS if field.name != "order"])
"""The columns of a posted event: the canonical ones but the order, which the other events decide too."""

_UPTO = b"swayrec_posted_upto"


@dataclass(frozen=True)
class Posted:
    """An exported log: ``events.parquet`` (all of them) and ``items.parquet`` (the newest post of each)."""

    folder: Path

    @property
    def upto(self) -> int:
        """The stamp of the newest entry that the log had, in microseconds since the epoch.

        Raises:
            InputError: the export is damaged.
        """
        with intact(self.events, remedy="export the log again"):
            return int(pq.read_schema(self.events).metadata[_UPTO])

    @property
    def events(self) -> Path:
        """The file of events, in the columns of ``POSTED_EVENTS``."""
        return self.folder / EVENTS

    def items(self) -> pa.Table:
        """The items, in the columns of ``schema.ITEMS``, by item_id.

        Raises:
            InputError: the export is damaged.
        """
        path = self.folder / ITEMS
        with intact(path, remedy="export the log again"):
            return pq.read_table(path).cast(schema.ITEMS)

    def source(self) -> EventSource:
        """The events as a source of an ingest."""
        return EventSource.model_construct(
            name=OF_EVENTS,
            path=str(self.events),
            user="user_id",
            item="item_id",
            behavior="behavior",
            time="timestamp",
            event_id="event_id",
            value="value",
            text="text",
            session="session_id",
            request="request_id",
        )


def write(folder: Path, events: Iterable[Sequence[dict]], items: Collection[dict], upto: int) -> Posted:
    """Writes an export, whole; one that is there already is replaced.

    Args:
        folder: where to.
        events: parts of rows of ``POSTED_EVENTS``.
        items: rows of ``schema.ITEMS``, each item once; looked at when all events are written.
        upto: the stamp of the newest entry of the log.
    """
    with whole_folder(folder) as made:
        shape = POSTED_EVENTS.with_metadata({_UPTO: str(upto)})
        with pq.ParquetWriter(made / EVENTS, shape, compression="zstd") as writer:
            for rows in events:
                writer.write_table(pa.Table.from_pylist(rows, shape))
        pq.write_table(pa.Table.from_pylist(list(items), schema.ITEMS).sort_by("item_id"), made / ITEMS)
    return Posted(folder)


def laid_over(items: pa.Table, posted: pa.Table) -> pa.Table:
    """The items with the posted ones in place of those of the same id, by item_id; both canonical tables."""
    others = items.filter(pc.invert(pc.is_in(items["item_id"], value_set=posted["item_id"].combine_chunks())))
    return pa.concat_tables([others, posted]).sort_by("item_id")
