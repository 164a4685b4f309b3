"""The online store as the pusher writes it: Feast, over what a scenario's publication has."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from feature_repo.names import HISTORY, METADATA
from feature_repo.published import PublishedRows
from feature_repo.wholeness import OFFLINE
from feature_repo.writer import FeatureWriter
from serving.canonical_rows import posted_item
from serving.event_log import EVENT, ITEM, Entry, EventLog
from serving.intake_metrics import PUSHED
from serving.overlay import Published, overlaid
from serving.served_shape import ServedShape
from swayrec.operations.workspace import Workspace
from swayrec.tables import schema


class FeastShelf:
    """A :class:`~serving.pusher.Shelf` over a workspace's feature store.

    Importing this module imports Feast, which takes seconds.

    Raises:
        InputError: nothing was published for the scenario.
    """

    def __init__(self, workspace: Workspace, log: EventLog, shape: ServedShape) -> None:
        folder = workspace.features / shape.held.scenario
        self._log = log
        self._shape = shape
        self._writer = FeatureWriter(folder)
        self._histories = PublishedRows(folder / OFFLINE / f"{HISTORY}.parquet", "user_id")
        self._items = PublishedRows(folder / OFFLINE / f"{METADATA}.parquet", "item_id")
        self._newest = 0

    def renew(self) -> str:
        """See :class:`~serving.pusher.Shelf`."""
        self._shape.renew()
        self._histories.renew()
        self._items.renew()
        self._newest = max(self._newest, self._histories.edition.stamp, self._items.edition.stamp)
        return f"{self._histories.edition.name} {self._items.edition.name} {self._shape.held.version}"

    def push(self, users: Sequence[str], items: Sequence[str], stamp: Callable[[], int]) -> None:
        """See :class:`~serving.pusher.Shelf`."""
        if users:
            rows = self._rows(users)
            self._writer.histories(rows, [self._later(stamp) for _ in rows])
            PUSHED.labels(HISTORY).inc(len(rows))
        shown = self._newer(items) if items else []
        if shown:
            table = pa.Table.from_pylist([posted_item(entry.content) for entry in shown], schema.ITEMS)
            self._writer.items(table, [self._later(stamp) for _ in shown])
            PUSHED.labels(METADATA).inc(len(shown))

    def _later(self, stamp: Callable[[], int]) -> int:
        """A stamp that is later than the publication's too, whose clock may go before ours."""
        self._newest = max(stamp(), self._newest + 1)
        return self._newest

    def _rows(self, users: Sequence[str]) -> list[dict[str, Any]]:
        shape = self._shape.held
        published = self._histories.of(users)
        clock = "order" if shape.until is None else "time"
        rows = []
        for user, entries in self._log.of(EVENT, users).items():
            row = published.get(user, {})
            base = {name: row[name] for name in schema.HISTORY_FIELDS} if row.get("item") else {}
            made = overlaid(Published(base, self._histories.edition.known), entries, shape)
            rows.append({"user_id": user, **made, "clock": row.get("clock") or clock})
        return rows

    def _newer(self, items: Sequence[str]) -> list[Entry]:
        """The newest entry of each item that the publication does not have, or not as it was posted since."""
        published, known = self._items.of(items), self._items.edition.known
        newest = [entries[-1] for entries in self._log.of(ITEM, items).values()]
        return [entry for entry in newest if entry.subject not in published or not known.item(entry.stamp)]
