"""Publication: from canonical tables to the offline files and the online store, in place."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from feast import FeatureStore

from feature_repo import items, names, users
from feature_repo.histories import histories
from feature_repo.offline_storage import storage
from feature_repo.publication import Publication
from feature_repo.stamps import clock
from feature_repo.store import applied
from feature_repo.store_down import StoreDown, answered
from feature_repo.views import SCHEMAS
from feature_repo.wholeness import CONFIGURATION, OFFLINE, kept
from swayrec.learning.vectors import Vectors
from swayrec.operations.workspace import written_whole
from swayrec.tables import objects
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario
from swayrec.tables.schema import TIMESTAMP

ROWS = 2_000
"""Rows written at a time: what is in memory, and how long another writer waits for SQLite (a second)."""

_GROUP = 200
"""Rows of a group in an offline file: what must be read to know one of them."""


def publish(
    dataset: Dataset,
    scenario: Scenario,
    features_folder: Path,
    vectors: Vectors | None = None,
    *,
    now: datetime | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Publication:
    """Publishes a scenario's features into ``<features_folder>/<scenario>``: all events, newest row of each.

    Rows are replaced where they lie, so a reader that runs meanwhile finds the old row or the new one.
    Offline files are replaced when the online rows are there, then put into object storage where SWAYREC_FEATURES
    names some, and the receipt comes last: after a killed publication the next one does all that it left. Users and
    items that an earlier publication had and this one has not are emptied. Online rows are stamped with the instant
    of the publication, for Redis drops what is not later than what it has, and history may change without a newer
    event.

    Args:
        dataset: the canonical tables.
        scenario: gives its name and the length of histories.
        features_folder: the workspace's features.
        vectors: of the items' texts; None = none are published.
        now: the instant of the publication; None = the time of day, and after the publication before it.
        say: is told what was written.

    Raises:
        InputError: there is no event to publish, or the online store or object storage takes nothing.
    """
    folder = features_folder.resolve() / scenario.name
    remote = storage(scenario.name)
    if remote:
        # Before any row is written: does it answer?
        objects.exists(remote)
    now = now or _now(folder)
    log = dataset.log(scenario)
    if not len(log):
        raise InputError(f"{dataset.folder}: there is no event on a known item to publish; mend the raw data")
    tables = _tables(dataset, log, scenario, vectors)
    store = applied(folder, scenario.name, tuple(tables))
    rows, gone = {}, 0
    for name, parts in tables.items():
        view = _View(store, name, folder / OFFLINE / f"{name}.parquet", now, _known(dataset))
        try:
            rows[name], left = view.publish(parts)
        except StoreDown as error:
            raise InputError(
                f"{folder / CONFIGURATION}: the online store takes nothing ({error}); mend it and run this again"
            ) from error
        gone += left
        say(f"{rows[name]:,} rows of {name}")
    if remote:
        objects.put(folder / OFFLINE, remote)
        say(f"offline files are in {remote}")
    done = Publication(
        scenario=scenario.name,
        folder=str(folder),
        clock=clock(log),
        rows=rows,
        gone=gone,
        fingerprint=dataset.fingerprint(),
        published_at=now.astimezone(UTC).isoformat(),
        files=kept(folder),
        storage=remote,
    )
    done.write(folder)
    return done


def _tables(
    dataset: Dataset, log: Log, scenario: Scenario, vectors: Vectors | None
) -> dict[str, Iterable[pa.Table]]:
    """The rows of each view, in parts that fit in memory."""
    catalogue = dataset.items()
    tables: dict[str, Iterable[pa.Table]] = {
        names.HISTORY: _histories(log, scenario.model.history),
        names.USERS: [users.user_features(log)],
        names.ITEMS: [items.item_features(log)],
        names.METADATA: [items.item_metadata(catalogue)],
    }
    if vectors is not None:
        tables[names.VECTORS] = [items.item_vectors(vectors, catalogue)]
    return tables


def _histories(log: Log, length: int) -> Iterator[pa.Table]:
    offsets = log.offsets()
    some = np.flatnonzero(np.diff(offsets))
    newest = log.order[offsets[some + 1] - 1]
    for start in range(0, len(some), ROWS):
        part = slice(start, start + ROWS)
        yield histories(log, some[part], newest[part] + 1, length)


def _now(folder: Path) -> datetime:
    """The time of day, or just after the newest publication, whose clock may have gone before ours."""
    try:
        newest = datetime.fromisoformat(Publication.read(folder).published_at)
    except InputError:
        return datetime.now(UTC)
    return max(datetime.now(UTC), newest + timedelta(microseconds=1))


def _known(dataset: Dataset) -> dict[bytes, str]:
    """What the offline files say of the data that they are made of, as far as the dataset does."""
    report, told = dataset.report(), {}
    if report.get("now"):
        told[names.READ_AT] = str(_micros(datetime.fromisoformat(report["now"])))
    if report.get("until"):
        told[names.UNTIL] = str(datetime.fromisoformat(report["until"]).timestamp())
    if dataset.posted_upto is not None:
        told[names.POSTED_UPTO] = str(dataset.posted_upto)
    return told


def _micros(instant: datetime) -> int:
    return round(instant.timestamp() * 1e6)


@dataclass(frozen=True)
class _View:
    """One view's place in the online store and its offline file."""

    store: FeatureStore
    name: str
    offline: Path
    now: datetime
    known: dict[bytes, str]

    @property
    def key(self) -> str:
        return SCHEMAS[self.name][0].join_key

    def publish(self, parts: Iterable[pa.Table]) -> tuple[int, int]:
        """Writes all rows; returns how many, and how many earlier ones were emptied."""
        before = pa.array([], pa.string())
        if self.offline.exists():
            before = pq.read_table(self.offline, columns=[self.key])[self.key].combine_chunks()
        known, writer = [], None
        with written_whole(self.offline) as path:
            for part in parts:
                part = part.replace_schema_metadata(self.dates())
                writer = writer or pq.ParquetWriter(path, part.schema, compression="zstd")
                writer.write_table(part, row_group_size=_GROUP)
                self.online(part)
                known += part[self.key].to_pylist()
            assert writer is not None
            writer.close()
            left = before.filter(pc.invert(pc.is_in(before, value_set=pa.array(known, pa.string()))))
            self.online(self.emptied(writer.schema, left))
        return len(known), len(left)

    def dates(self) -> dict[bytes, str]:
        """What :mod:`feature_repo.published` is told beside the rows."""
        return {names.ONLINE_STAMP: str(_micros(self.now)), **self.known}

    def online(self, table: pa.Table) -> None:
        place = table.schema.get_field_index(names.STAMP)
        table = table.set_column(place, names.STAMP, pa.array([self.now] * len(table), TIMESTAMP))
        for start in range(0, len(table), ROWS):
            rows = table.slice(start, ROWS).to_pandas()
            answered(partial(self.store.write_to_online_store, self.name, df=rows))

    def emptied(self, schema: pa.Schema, ids: pa.Array) -> pa.Table:
        """Rows without content: empty lists, nulls elsewhere. A reader takes such a user as unknown."""

        def column(field: pa.Field) -> pa.Array:
            if field.name == self.key:
                return ids
            if field.name == names.STAMP:
                return pa.array([self.now] * len(ids), TIMESTAMP)
            return pa.array([[] if pa.types.is_list(field.type) else None] * len(ids), field.type)

        return pa.table([column(field) for field in schema], schema)
