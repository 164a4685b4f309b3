"""The event log as arrays: what the method computes on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DAY = 86400.0
"""Seconds of a day."""


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

    def spans(self, users: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What each of ``users`` int[U] did strictly before its order ``before`` int64[U]: events start:stop.

        Returns:
            start and stop, each int64[U].
        """
        offsets = self.offsets()
        start, end = offsets[users], offsets[np.asarray(users) + 1]
        low, high = start.copy(), end
        while (low < high).any():
            middle = (low + high) // 2
            # Where the search has ended, low == high may lie one past the last event.
            earlier = (low < high) & (self.order[np.minimum(middle, len(self) - 1)] < before)
            low = np.where(earlier, middle + 1, low)
            high = np.where(earlier, high, middle)
        return start, low

    def newest_orders(self) -> np.ndarray:
        """int64[users]: the order of each user's newest event, 0 without events."""
        offsets = self.offsets()
        newest = np.zeros(len(self.users), np.int64)
        filled = offsets[1:] > offsets[:-1]
        newest[filled] = self.order[offsets[1:][filled] - 1]
        return newest

    def instants(self) -> tuple[np.ndarray, np.ndarray]:
        """The instants of the users, counted through the log.

        Returns:
            int64[I], the first event of each; int64[n], which one each event belongs to.
        """
        begins = np.ones(len(self), bool)
        begins[1:] = (self.user[1:] != self.user[:-1]) | (self.order[1:] != self.order[:-1])
        return np.flatnonzero(begins), np.cumsum(begins) - 1

    def pairs(self) -> np.ndarray:
        """int64[n]: one number for each user and item, ``user * items + item``."""
        return self.user.astype(np.int64) * len(self.items) + self.item


def distinct(values: np.ndarray) -> np.ndarray:
    """The different whole numbers, ascending; on millions many times as fast as ``np.unique``, which hashes.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def joined(start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The events of several spans one after the other: int64[m] which span, and int64[m] the event.

    >>> [part.tolist() for part in joined(np.array([3, 9]), np.array([5, 10]))]
    [[0, 0, 1], [3, 4, 9]]
    """
    sizes = stop - start
    span = np.repeat(np.arange(len(sizes)), sizes)
    return span, np.arange(len(span)) + np.repeat(start - (np.cumsum(sizes) - sizes), sizes)


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
