"""A workspace with a publication, as the intake needs one, and an intake that runs in it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from feature_repo.publish import publish
from serving import ports
from serving.event_log import EventLog
from serving.redis_log import RedisLog
from serving.sqlite_log import SqliteLog
from swayrec.learning.signature import Metadata
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables import dataset, schema
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario
from tests.feature_repo import world
from tests.redis_server import RedisServer

LOG = "event-log"
"""In a workspace: where its event log is, unless that is a file of the workspace."""

HOUSE = Path(__file__).parents[2]
BEHAVIORS = ("view", "buy")
LENGTH = 50
START = datetime(2026, 1, 1, tzinfo=UTC)
SHAPE = Metadata(
    scenario="tiny",
    version=1_700_000_000,
    behaviors=BEHAVIORS,
    targets=("buy",),
    seen=(),
    rest=(),
    history=LENGTH,
    exclude=5,
    categories=3,
    recent=4,
    candidates=8,
    results=12,
    until=START.timestamp(),
)


def scenario() -> Scenario:
    return world.scenario("tiny", LENGTH)


def tables(folder: Path, events: list[tuple], items: dict[str, str], read: datetime | None = None) -> Dataset:
    """A canonical dataset of (user, item, behavior, minutes after START), its orders by time."""
    rows = []
    for number, (user, item, behavior, minutes) in enumerate(events):
        earlier = {other[3] for other in events if other[0] == user and other[3] < minutes}
        rows.append(
            {
                "event_id": str(number),
                "user_id": user,
                "item_id": item,
                "behavior": behavior,
                "order": len(earlier) + 1,
                "timestamp": START + timedelta(minutes=minutes),
                "source": "log",
            }
        )
    rows.sort(key=lambda row: (row["user_id"], row["order"]))
    shelf = [{"item_id": item, "title": title, "category": "dairy"} for item, title in items.items()]
    users = sorted({event[0] for event in events})
    folder.mkdir(parents=True)
    return dataset.write(
        folder,
        pa.Table.from_pylist(rows, schema.EVENTS),
        pa.Table.from_pylist([dict.fromkeys(schema.ITEMS.names) | item for item in shelf], schema.ITEMS),
        pa.Table.from_pylist([{"user_id": user} for user in users], schema.users_schema(())),
        {"now": read.isoformat()} if read else {},
    )


def workspace(
    root: Path,
    events: list[tuple],
    items: dict[str, str],
    shape: Metadata = SHAPE,
    server: RedisServer | None = None,
) -> Workspace:
    """As a finished training leaves it, save for the model, of which only the metadata are there."""
    made = Workspace(root).make()
    if server is not None:
        database = server.hold_features(made.features / shape.scenario)
        (root / LOG).write_text(server.url(database))
    data = tables(root / "data", events, items)
    version = root / "model" / str(shape.version)
    version.mkdir(parents=True)
    (version / "saved_model.pb").touch()
    shape.write(version)
    (root / "tiny.toml").write_text(world.text("tiny", LENGTH), encoding="utf-8")
    place = {"influence": root, "evaluation": root, "decision": root}
    Current(root / "tiny.toml", data.folder, **place, newest=1, model=version.parent, version=1).write(made)
    publish(data, scenario(), made.features)
    return made


def with_model(root: Path, model_folder: Path, user: str) -> Workspace:
    """A workspace that can be served whole: the tiny model, its items, and a user who bought `i05`."""
    items = {f"i{number:02d}": f"Item {number}" for number in range(30)}
    made = workspace(root, [(user, "i05", "buy", 1)], items)
    replace(Current.read(made), model=model_folder).write(made)
    return made


def event_log(workspace: Workspace) -> EventLog:
    """The log of a workspace whose intake has ended."""
    if (workspace.root / LOG).exists():
        return RedisLog((workspace.root / LOG).read_text(), SHAPE.scenario)
    return SqliteLog(workspace.posted / f"{SHAPE.scenario}.db")


def stamped(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


class Running:
    """An intake process."""

    def __init__(self, workspace: Workspace, wait: bool = True) -> None:
        self.workspace = workspace
        self.port = ports.free()
        self.log = (workspace.root / "intake.log").open("ab")
        options = ["--workspace", str(workspace.root)]
        if (workspace.root / LOG).exists():
            options += ["--log", (workspace.root / LOG).read_text()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "serving.intake", *options, "--port", str(self.port)],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(HOUSE)},
        )
        if wait:
            self.wait_until_ready()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_until_ready(self, path: str = "/v2/health/ready") -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.words()
            try:
                if self.get(path)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"not ready: {self.words()}")

    def words(self) -> str:
        return (self.workspace.root / "intake.log").read_text()[-2000:]

    def get(self, path: str) -> tuple[int, str]:
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, path: str, body, headers: dict[str, str] | None = None) -> tuple[int, dict]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data,
            {"Content-Type": "application/json", **(headers or {})},
        )
        status, told = self._ask(request)
        return status, json.loads(told)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(20)

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def event(user: str, item: str, behavior: str = "buy", minutes: float | None = None, **more) -> dict:
    told = {"user_id": user, "item_id": item, "behavior": behavior, **more}
    return told if minutes is None else {**told, "timestamp": stamped(minutes)}


def without_a_clock(shape: Metadata = SHAPE) -> Metadata:
    return replace(shape, until=None)
