"""The event log as arrays: what the method computes on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Log:
    """Events as parallel arrays, sorted by user and, within the user, by order.

    ``user``, ``item`` int32[n] and ``behavior`` int16[n] index ``users``, ``items`` and ``behaviors``;
    ``order`` int64[n] is the rank of the instant within the user; ``time`` float64[n] is seconds since
    the epoch (NaN where there is no clock); ``value`` float32[n] (NaN where there is none).
    Selections keep the vocabularies, so that indices mean the same in every part of a split. ``period`` is
    how a history is compacted: seconds of the calendar within which a user's events of one item and behavior
    are one row; None = all of them are.
    """

    users: np.ndarray
    items: np.ndarray
    behaviors: tuple[str, ...]
    user: np.ndarray
    item: np.ndarray
    behavior: np.ndarray
    order: np.ndarray
    time: np.ndarray
    value: np.ndarray
    period: float | None = None

    def __len__(self) -> int:
        return len(self.user)

    @property
    def has_clock(self) -> bool:
        """Whether every event has a time (and there is at least one)."""
        return len(self) > 0 and not bool(np.isnan(self.time).any())

    @property
    def end(self) -> float:
        """Epoch seconds just after the newest event; NaN without a clock."""
        return float(self.time.max()) + 1e-6 if self.has_clock else float("nan")

    @property
    def has_order(self) -> bool:
        """Whether anything is known about what came first."""
        return bool((self.order > 0).any())

    def where(self, keep: np.ndarray) -> "Log":
        """The events selected by a boolean mask or an ascending index, with the same vocabularies."""
        return replace(
            self,
            **{
                name: getattr(self, name)[keep]
                for name in ("user", "item", "behavior", "order", "time", "value")
            },
        )

    def only_items(self, keep: np.ndarray) -> "Log":
        """The log over fewer items: a mask over ``items``; events on the others are left out."""
        number = np.cumsum(keep, dtype=np.int32) - 1
        kept = self.where(keep[self.item])
        return replace(kept, items=self.items[keep], item=number[kept.item].astype(np.int32))

    def is_behavior(self, names: Sequence[str]) -> np.ndarray:
        """bool[n]: which events show one of the named behaviors."""
        wanted = np.array([behavior in set(names) for behavior in self.behaviors], dtype=bool)
        return wanted[self.behavior]

    def offsets(self) -> np.ndarray:
        """int64[users + 1]: the events of user u are ``offsets[u]:offsets[u + 1]``."""
        return np.searchsorted(self.user, np.arange(len(self.users) + 1))


def from_events(
    events: pa.Table, items: Sequence[str], behaviors: Sequence[str], period: float | None = None
) -> Log:
    """The log of a canonical events table.

    ``items`` is the catalogue in the order that indices follow (its order is worth nothing: ties are broken
    at random elsewhere); events on other items are left out. ``behaviors`` fixes the behaviors' order,
    ``period`` how histories are compacted.
    """
    catalogue = pa.array(items, pa.string())
    item = pc.index_in(events["item_id"], value_set=catalogue).combine_chunks()
    known = pc.is_valid(item)
    events, item = events.filter(known), item.filter(known)
    encoded = pc.dictionary_encode(events["user_id"]).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.string()).dictionary_encode()
    found = np.asarray(encoded.dictionary.to_numpy(zero_copy_only=False), dtype=object)
    users, place = (
        np.unique(found.astype(str), return_inverse=True) if len(found) else (found, np.array([], int))
    )
    user = place[encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)]
    behavior = pc.index_in(events["behavior"], value_set=pa.array(behaviors, pa.string()))
    if behavior.null_count:
        raise ValueError("the events hold a behavior that is not in the list of behaviors")
    micros = pc.cast(events["timestamp"], pa.int64()).to_numpy(zero_copy_only=False).astype(np.float64)
    order = events["order"].to_numpy().astype(np.int64)
    sort = np.lexsort((order, user))
    return Log(
        users=np.asarray(users, dtype=object),
        items=np.asarray(items, dtype=object),
        behaviors=tuple(behaviors),
        user=user.astype(np.int32)[sort],
        item=item.to_numpy(zero_copy_only=False).astype(np.int32)[sort],
        behavior=behavior.to_numpy(zero_copy_only=False).astype(np.int16)[sort],
        order=order[sort],
        time=(micros / 1e6)[sort],
        value=events["value"].to_numpy(zero_copy_only=False).astype(np.float32)[sort],
        period=period,
    )
