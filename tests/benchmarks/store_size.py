"""What a published feature store weighs: bytes a row of each view, and what a Redis takes for a user and an item.

``python -m tests.benchmarks.store_size --workspace DIR --scenario NAME``. The rows are read as Feast wrote them into
the online SQLite file, and put into a Redis of this program's own in Feast's form: a hash an entity, a field a feature.
``--share`` cuts each value of a history to that part of its bytes, as a shorter history would have: what a Redis takes
depends on lengths alone.
"""

import argparse
import contextlib
import hashlib
import sqlite3
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import redis

from feature_repo.names import HISTORY, ITEMS, METADATA, USERS, VECTORS
from serving import ports
from swayrec.operations.workspace import Workspace

ENTITIES = {"user": (HISTORY, USERS), "item": (ITEMS, METADATA, VECTORS)}

Fields = Mapping[bytes, bytes]


def view_rows(file: Path, scenario: str, view: str) -> dict[bytes, dict[bytes, bytes]]:
    """Of each entity of a view, its features' bytes by the name that a Redis field has (4 bytes)."""
    found: dict[bytes, dict[bytes, bytes]] = defaultdict(dict)
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as store:
        rows = store.execute(f'SELECT entity_key, feature_name, value FROM "{scenario}_{view}"')
        for key, name, value in rows:
            found[key][hashlib.md5(f"{view}:{name}".encode()).digest()[:4]] = value
    for fields in found.values():
        fields[f"_ts:{view}".encode()] = bytes(12)
    return dict(found)


def shorter(rows: Mapping[bytes, Fields], share: float) -> dict[bytes, dict[bytes, bytes]]:
    """The rows with each value cut to a part of its bytes."""
    return {
        key: {name: value[: round(share * len(value))] for name, value in fields.items()}
        for key, fields in rows.items()
    }


def history_rows(folder: Path) -> tuple[float, int]:
    """Rows of the mean history, and of the longest."""
    lengths = pc.list_value_length(pq.read_table(folder / f"{HISTORY}.parquet", columns=["item"])["item"])
    return pc.mean(lengths).as_py(), pc.max(lengths).as_py()


@contextlib.contextmanager
def own_redis() -> Iterator[redis.Redis]:
    """A Redis without a disk, for as long as the block lasts."""
    port = ports.free()
    with tempfile.TemporaryDirectory() as folder:
        words = ["redis-server", "--port", str(port), "--save", "", "--dir", folder]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        try:
            client = redis.Redis(port=port)
            until = time.monotonic() + 30
            while True:
                with contextlib.suppress(redis.ConnectionError):
                    if client.ping():
                        break
                if time.monotonic() > until:
                    raise TimeoutError("redis-server does not answer within 30 s")
                time.sleep(0.05)
            yield client
        finally:
            process.terminate()
            process.wait()


def memory(rows: Mapping[bytes, Fields]) -> float:
    """Bytes that a Redis takes for one entity, in the mean."""
    with own_redis() as client:
        before = client.info("memory")["used_memory"]
        for key, fields in rows.items():
            client.hset(key, mapping=dict(fields))
        return (client.info("memory")["used_memory"] - before) / len(rows)


def main() -> None:
    """Reads the command line and prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.store_size", description=__doc__)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--scenario", default="ecommerce")
    parser.add_argument("--share", type=float, default=1.0)
    given = parser.parse_args()
    folder = Workspace(given.workspace.resolve()).features / given.scenario
    mean, longest = history_rows(folder / "offline")
    print(f"a history has {mean:.1f} rows in the mean, {longest} at most")
    for entity, views in ENTITIES.items():
        together: dict[bytes, dict[bytes, bytes]] = defaultdict(dict)
        for view in views:
            rows = view_rows(folder / "online.db", given.scenario, view)
            if view == HISTORY:
                rows = shorter(rows, given.share)
            held = sum(len(value) for fields in rows.values() for value in fields.values())
            print(f"{view}: {len(rows)} rows, {held / len(rows):.0f} bytes of values each")
            for key, fields in rows.items():
                together[key] |= fields
        print(f"Redis: {memory(together):.0f} bytes for one {entity}")


if __name__ == "__main__":
    main()
