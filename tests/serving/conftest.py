import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from conftest import PLAIN
from serving.processes import Serving
from swayrec.learning.signature import Metadata
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables import dataset, schema
from swayrec.tables.dataset import Dataset
from tests.redis_server import REDIS, RedisServer

from . import intake_world

HERE = Path(__file__).parent
HOUSE = HERE.parents[1]
VERSION = 1_700_000_000
NEXT = VERSION + 1


def quiet() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOUSE), "TF_CPP_MIN_LOG_LEVEL": "3"}


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serving") / "model"
    command = [sys.executable, str(HERE / "tiny_model.py"), str(folder), str(VERSION)]
    done = subprocess.run(command, env=quiet(), capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="session")
def shape(model_folder: Path) -> Metadata:
    return Metadata.read(model_folder / str(VERSION))


@pytest.fixture(scope="session")
def wider(tmp_path_factory) -> Path:
    """A newer model whose inputs and outputs have other widths."""
    folder = tmp_path_factory.mktemp("wider") / "model"
    command = [sys.executable, str(HERE / "tiny_model.py"), str(folder), str(NEXT), "27"]
    done = subprocess.run(command, env=quiet(), capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="session", params=["embedded", REDIS])
def server(request: pytest.FixtureRequest) -> RedisServer | None:
    """Where a workspace has its online store and its event log: in files, or in this Redis."""
    return request.getfixturevalue("redis_server") if request.param == "redis" else None


def a_dataset(folder: Path, items: dict[str, str]) -> Dataset:
    """Events of two users on the tiny model's items; `i05` is bought most."""
    rows = [("anna", "i05", "buy", day) for day in (10, 8, 6, 3)]
    rows += [("anna", "i07", "view", 5), ("bert", "i05", "buy", 2), ("bert", "i01", "buy", 1)]
    events = [
        {
            "event_id": str(number),
            "user_id": user,
            "item_id": item,
            "behavior": behavior,
            "order": 20 - days,
            "timestamp": datetime.fromtimestamp(1_000_000_000, UTC) - timedelta(days=days),
            "source": "log",
        }
        for number, (user, item, behavior, days) in enumerate(rows)
    ]
    empty = dict.fromkeys(schema.ITEMS.names)
    shelf = [
        {**empty, "item_id": item, "title": f"Title of {item}", "category": category}
        for item, category in items.items()
    ]
    folder.mkdir(parents=True)
    return dataset.write(
        folder,
        pa.Table.from_pylist(sorted(events, key=lambda row: (row["user_id"], row["order"])), schema.EVENTS),
        pa.Table.from_pylist(shelf, schema.ITEMS),
        pa.Table.from_pylist([{"user_id": user} for user in ("anna", "bert")], schema.users_schema(())),
        {},
    )


@pytest.fixture(scope="session")
def workspace(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace as a finished training leaves it, with the tiny model."""
    made = Workspace(tmp_path_factory.mktemp("workspace") / "ws").make()
    runs = made.root / "runs"
    categories = ("dairy", "bakery", "drinks")
    held = a_dataset(runs / "dataset", {f"i{number:02d}": categories[number % 3] for number in range(30)})
    for name in ("influence", "evaluation"):
        (runs / name).mkdir()
    (runs / "scenario.toml").write_text(PLAIN.format(folder=runs), encoding="utf-8")
    Current(
        scenario=runs / "scenario.toml",
        dataset=held.folder,
        influence=runs / "influence",
        evaluation=runs / "evaluation",
        model=model_folder,
        decision=runs / "decision.json",
        newest=1,
        version=1,
    ).write(made)
    return made


@pytest.fixture(scope="session")
def serving(workspace: Workspace):
    """Both processes, started once for all tests of this folder."""
    with Serving(workspace) as running:
        yield running


@pytest.fixture(scope="session")
def whole_place(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Workspace:
    """A workspace with a feature store too, which has one event of one user."""
    shelf = {f"i{number:02d}": f"Item {number}" for number in range(30)}
    made = intake_world.workspace(tmp_path_factory.mktemp("whole") / "ws", [("anna", "i05", "buy", 1)], shelf)
    replace(Current.read(made), model=model_folder).write(made)
    return made


@pytest.fixture(scope="session")
def whole(whole_place: Workspace):
    """Predictor, transformer and intake, started once; tests take users of their own."""
    with Serving(whole_place, intake=True, recent_every=0.2) as running:
        yield running


@pytest.fixture(scope="session")
def target(serving: Serving) -> str:
    """Where the predictor answers over gRPC."""
    return f"127.0.0.1:{serving.children['predictor'].port}"
