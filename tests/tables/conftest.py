"""A small world of raw files, and the ingest of them."""

import gzip
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swayrec.tables.dataset import Dataset
from swayrec.tables.ingest import ingest
from swayrec.tables.scenario import Scenario, parse

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@dataclass
class World:
    """Raw files in a folder and a scenario over them; a test changes what it is about."""

    root: Path
    source: dict = field(
        default_factory=lambda: {"user": "user", "item": "item", "behavior": "behavior", "time": "time"}
    )
    scenario: dict = field(default_factory=dict)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        raw = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    def write_lines(self, name: str, rows: list[dict]) -> Path:
        return self.write(name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    def write_parquet(self, name: str, columns: dict) -> Path:
        path = self.root / name
        pq.write_table(pa.table(columns), path)
        return path

    def ingest(
        self,
        *paths: Path,
        until: datetime | None = None,
        since: datetime | None = None,
        **changes: object,
    ) -> Dataset:
        return self.ingest_sources(self._sources(paths, changes), until, since)

    def ingest_sources(
        self, sources: list[dict], until: datetime | None = None, since: datetime | None = None
    ) -> Dataset:
        scenario = self._scenario(sources)
        place = self.root / "dataset"
        return ingest(scenario, "small.toml", place, until=until, now=NOW, since=since)

    def parsed(self, *paths: Path, **changes: object) -> Scenario:
        return self._scenario(self._sources(paths, changes))

    def _sources(self, paths: tuple[Path, ...], changes: dict) -> list[dict]:
        return [
            {"name": f"log{number or ''}", "path": str(path), **self.source, **changes}
            for number, path in enumerate(paths)
        ]

    def _scenario(self, sources: list[dict]) -> Scenario:
        whole = {
            "name": "small",
            "title": "Small",
            "events": sources,
            "behaviors": [{"name": "view", "hand": 1}, {"name": "buy", "hand": 2, "target": True}],
            "split": {"protocol": "last"},
            "influence": {
                "choices": {"kind": "next"},
                "forms": [{"name": "f", "kernels": [{"similarity": "identity", "half_lives": [0]}]}],
            },
            **self.scenario,
        }
        return parse(whole, "small.toml")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
