"""The event log on a cluster: Redis Streams, partitioned by user, written to by one intake at a time."""

import json
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import redis

from feature_repo.store_down import told
from serving.appending import Appending, Work
from serving.event_log import EVENT, Entry, LogDownError, Receipt, Record
from serving.redis_lease import RedisLease
from serving.redis_reader import read_after
from serving.redis_scripts import APPEND, OF, PRUNE
from serving.redis_streams import client, entry, prefix, stream
from serving.ticks import Ticks
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)
_PARTITIONS = 16
"""Streams of a log that is new; one that exists keeps its number."""

_ASKED_AT_ONCE = 500


class RedisLog:
    """An :class:`~serving.event_log.EventLog` in a Redis, of one intake at a time.

    Entries of a subject stand in one of several streams, chosen by its hash, under one sequence for all. The
    intake holds a lease; whoever lost it can append nothing, for each append looks at it in the same step.

    Args:
        url: ``redis://[user:password@]host:port/database``, or rediss, or unix.
        scenario: its name tells the logs of one database apart.

    Raises:
        InputError: another intake has the log, Redis does not answer, or could lose what it answered.
    """

    def __init__(self, url: str, scenario: str) -> None:
        self._redis = client(url)
        self._scenario, self._name = scenario, prefix(scenario)
        self._ticks = Ticks(0)
        try:
            self._check_durable()
            self._lease = RedisLease(self._redis, self._name, self._ticks)
            self._redis.hsetnx(self._lease.state, "partitions", _PARTITIONS)
            self._partitions = int(self._redis.hget(self._lease.state, "partitions"))
        except redis.RedisError as error:
            raise InputError(
                f"the event log does not answer ({told(error)}); start Redis, or give another"
            ) from None
        self._appending = Appending(lambda waiting: self._commit(waiting))

    def append(self, records: Sequence[Record]) -> "Future[list[Receipt]]":
        """See :class:`~serving.event_log.EventLog`."""
        return self._appending.append(records)

    def after(self, sequence: int, most: int) -> list[Entry]:
        """See :class:`~serving.event_log.EventLog`. Fails with LogDownError where another intake has the log."""
        if not self._lease.is_ours():
            raise LogDownError("this intake does not have the event log")
        share = -(-2 * most // self._partitions)
        rows = read_after(_answered, self._redis, self._scenario, self._partitions, sequence, share)
        return [entry(place, fields) for place, fields in rows[:most]]

    def of(self, kind: str, subjects: Sequence[str]) -> dict[str, list[Entry]]:
        """See :class:`~serving.event_log.EventLog`."""
        found: dict[str, list[Entry]] = {}
        names = list(dict.fromkeys(subjects))
        for start in range(0, len(names), _ASKED_AT_ONCE):
            part = names[start : start + _ASKED_AT_ONCE]
            with self._redis.pipeline(transaction=False) as asked:
                for subject in part:
                    stream = self._stream(self._partition(subject))
                    asked.eval(OF, 2, self._entries(kind, subject), stream)
                answers = _answered(asked.execute)
            for subject, held in zip(part, answers, strict=True):
                entries = zip(held[::3], held[1::3], held[2::3], strict=True)
                found[subject] = [
                    Entry(int(place), int(stamp), kind, subject, json.loads(content))
                    for place, stamp, content in entries
                ]
        return found

    def newest(self) -> int:
        """See :class:`~serving.event_log.EventLog`."""
        return int(_answered(lambda: self._redis.hget(self._lease.state, "sequence")) or 0)

    def subjects(self, kind: str) -> Iterator[str]:
        """See :class:`~serving.event_log.EventLog`."""
        after = "-"
        while True:
            asked = (self._name + f"subjects:{kind}", after, "+", 0, _ASKED_AT_ONCE)
            part = _answered(partial(self._redis.zrangebylex, *asked))
            yield from part
            if len(part) < _ASKED_AT_ONCE:
                return
            after = f"({part[-1]}"

    def tick(self) -> int:
        """See :class:`~serving.event_log.EventLog`."""
        return self._ticks.tick()

    def note(self, name: str, value: str) -> None:
        """See :class:`~serving.event_log.EventLog`."""
        self._lease.note(name, value)

    def noted(self, name: str) -> str | None:
        """See :class:`~serving.event_log.EventLog`."""
        return self._lease.noted(name)

    def prune(self, before: int, upto: int, most: int) -> int:
        """See :class:`~serving.event_log.EventLog`."""
        gone = 0
        for partition in range(self._partitions):
            keys = (self._lease.owner, self._stream(partition))
            words = (self._lease.token, self._name, EVENT, before, f"{upto}-0", most - gone)
            gone += int(_answered(partial(self._redis.eval, PRUNE, len(keys), *keys, *words)))
            if gone >= most:
                break
        return gone

    def close(self) -> None:
        """See :class:`~serving.event_log.EventLog`."""
        if self._appending.close():
            self._lease.close()
            self._redis.close()

    def _commit(self, waiting: Sequence[Work]) -> None:
        with self._redis.pipeline(transaction=False) as asked:
            for records, _ in waiting:
                keys, words = [self._lease.owner, self._lease.state], [self._lease.token]
                for record in records:
                    keys += self._places(record)
                    content = json.dumps(record.content, ensure_ascii=False, separators=(",", ":"))
                    words += [record.subject, record.key or "", str(self.tick()), record.kind, content]
                asked.eval(APPEND, len(keys), *keys, *words)
            answers = asked.execute(raise_on_error=False)
        for (_, done), answer in zip(waiting, answers, strict=True):
            if isinstance(answer, Exception):
                done.set_exception(LogDownError(told(answer)))
            else:
                pairs = zip(answer[::2], answer[1::2], strict=True)
                done.set_result([Receipt(sequence, bool(known)) for sequence, known in pairs])

    def _places(self, record: Record) -> list[str]:
        """The keys that :data:`~serving.redis_scripts.APPEND` is told for a record."""
        return [
            self._stream(self._partition(record.subject)),
            self._name + f"keys:{record.kind}",
            self._name + f"subjects:{record.kind}",
            self._entries(record.kind, record.subject),
        ]

    def _partition(self, subject: str) -> int:
        return zlib.crc32(subject.encode()) % self._partitions

    def _stream(self, partition: int) -> str:
        return stream(self._scenario, partition)

    def _entries(self, kind: str, subject: str) -> str:
        return f"{self._name}of:{kind}:{subject}"

    def _check_durable(self) -> None:
        wanted = {"appendonly": "yes", "appendfsync": "always"}
        try:
            found = {name: self._redis.config_get(name).get(name) for name in wanted}
        except redis.ResponseError as error:
            _log.warning("what Redis answered it may lose: its settings cannot be read (%s)", told(error))
            return
        for name, value in wanted.items():
            if found[name] != value:
                raise InputError(
                    f"the event log may lose what it answered: Redis has {name} {found[name]!r}; set it to {value}"
                )


def _answered(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except redis.RedisError as error:
        raise LogDownError(told(error)) from None
