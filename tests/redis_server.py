"""A real Redis for tests: a server of their own, which loses nothing when it is killed, and is gone afterwards."""

import itertools
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
import redis

from serving import ports
from tests.pages import blocks

REDIS = pytest.param("redis", marks=pytest.mark.system("redis-server"))
"""For parametrized fixtures: the engine that is there only where its program is."""

PAGE = Path(__file__).parents[1] / "docs" / "redis.md"
_DATABASES = 10_000


class RedisServer:
    """A server on a free port of loopback that keeps its data in a folder."""

    def __init__(self, folder: Path) -> None:
        self.port = ports.free()
        self._folder = folder
        self._numbers = itertools.count()
        self.process = self._started()

    def database(self) -> int:
        """The number of a database that nobody else uses."""
        return next(self._numbers)

    def client(self, database: int) -> redis.Redis:
        return redis.Redis(port=self.port, db=database, decode_responses=True)

    def url(self, database: int) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    def hold_features(self, folder: Path) -> int:
        """Makes a new database the online store of a scenario's folder, as the page says; its number."""
        database = self.database()
        [text] = blocks(PAGE, "yaml")
        told = text.replace("SCENARIO", folder.name).replace(
            "redis.example:6379,db=1", f"127.0.0.1:{self.port},db={database}"
        )
        folder.mkdir(parents=True)
        (folder / "feature_store.yaml").write_text(told, encoding="utf-8")
        return database

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """On its port, with its data."""
        self.process = self._started()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _started(self) -> subprocess.Popen:
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": self._folder,
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
            "databases": _DATABASES,
        }
        command = [
            "redis-server",
            *(str(word) for name, told in options.items() for word in (f"--{name}", told)),
        ]
        with (self._folder / "redis.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 30
        while not self._answers():
            words = (self._folder / "redis.log").read_text()
            assert process.poll() is None and time.monotonic() < deadline, words
            time.sleep(0.02)
        return process

    def _answers(self) -> bool:
        if not ports.listens(self.port):
            return False
        try:
            with self.client(0) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Shared by all tests; each takes databases of its own."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server
