"""The log of a cluster, read by another process than the one that has it."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

import redis

from feature_repo.store_down import told
from serving.event_log import Entry
from serving.redis_streams import client, entry, number, state, stream
from swayrec.tables.errors import InputError


class RedisReader:
    """A :class:`~serving.log_reader.LogReader` over the streams of a :class:`~serving.redis_log.RedisLog`.

    Raises:
        InputError: on making it: the address is none; on reading: Redis does not answer.
    """

    def __init__(self, url: str, scenario: str) -> None:
        self._redis, self._scenario = client(url), scenario
        self._partitions: int | None = None

    def after(self, sequence: int, most: int) -> list[Entry]:
        """See :class:`~serving.log_reader.LogReader`."""
        partitions = self._counted()
        share = -(-2 * most // partitions) if partitions else 0
        rows = read_after(self._answered, self._redis, self._scenario, partitions, sequence, share)
        return [entry(place, fields) for place, fields in rows[:most]]

    def newest(self) -> int:
        """See :class:`~serving.log_reader.LogReader`."""
        return int(self._answered(lambda: self._redis.hget(state(self._scenario), "sequence")) or 0)

    def place(self, stamp: int) -> int:
        """See :class:`~serving.log_reader.LogReader`."""
        # Stamps rise with the sequence, so that some twenty looks find the place without an index.
        low, high = 0, self.newest()
        while low < high:
            middle = (low + high + 1) // 2
            later = self._first(middle)
            low, high = (middle, high) if later is not None and later <= stamp else (low, middle - 1)
        return low

    def close(self) -> None:
        """See :class:`~serving.log_reader.LogReader`."""
        self._redis.close()

    def _first(self, sequence: int) -> int | None:
        """The stamp of the first entry from a sequence on."""
        rows = read_after(self._answered, self._redis, self._scenario, self._counted(), sequence - 1, 1)
        return int(rows[0][1]["stamp"]) if rows else None

    def _counted(self) -> int:
        """The streams; 0 = nothing was ever posted."""
        if not self._partitions:
            found = self._answered(lambda: self._redis.hget(state(self._scenario), "partitions"))
            self._partitions = int(found or 0)
        return self._partitions

    def _answered(self, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except redis.RedisError as error:
            raise InputError(f"the event log does not answer ({told(error)}); start Redis") from None


def read_after(
    answered: Callable[[Callable[[], Any]], Any],
    asked_of: Any,
    scenario: str,
    partitions: int,
    sequence: int,
    share: int,
) -> list[tuple[int, dict[str, str]]]:
    """What follows a sequence in all streams, in the log's order, as far as it is sure that nothing is missing.

    Args:
        answered: asks, and makes an error of its own of what Redis raises.
        asked_of: the client.
        scenario: whose log.
        partitions: how many streams it has.
        sequence: that of the entry before.
        share: entries of each stream, at most.
    """
    # In one transaction: an entry of a later stream must not be seen before one of an earlier stream.
    with asked_of.pipeline(transaction=True) as asked:
        for partition in range(partitions):
            asked.xrange(stream(scenario, partition), min=f"{sequence + 1}-0", count=share)
        streams = answered(asked.execute) if partitions else []
    # Where a stream has more than its share, what lies behind that in the others has to wait.
    end = min((number(held[-1][0]) for held in streams if len(held) == share), default=None)
    found = sorted(((number(place), fields) for held in streams for place, fields in held), key=itemgetter(0))
    return [row for row in found if end is None or row[0] <= end]
