"""A workspace to measure serving in: a made model, and users with histories of exactly 50 and 500 rows."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from feature_repo.publish import publish
from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables import dataset, schema
from swayrec.tables.scenario import load

USERS = 100
"""Of each length of history."""

LENGTHS = (50, 500)

PUBLISHED = 20_000
"""Items whose titles are in the store, at most: a million takes minutes to write, and changes no answer's path."""

SCENARIO = """
name = "made"
title = "Made"
events = [{ name = "log", path = "log.csv", user = "u", item = "i", behavior = "b" }]
behaviors = [{ name = "view" }, { name = "purchase", target = true }]
split = { protocol = "last" }
[influence]
choices = { kind = "next" }
forms = [{ name = "lean", kernels = [{ similarity = "identity", half_lives = [0] }] }]
"""


@dataclass(frozen=True)
class World:
    """A workspace that can be served, and its users by the length of their histories."""

    workspace: Workspace
    model: Path
    users: dict[int, list[str]]

    @property
    def shape(self) -> Metadata:
        """The model's metadata."""
        return Metadata.read(newest(self.model))


def world(root: Path, items: int) -> World:
    """Makes all of it below ``root``; a million items take some minutes."""
    workspace = Workspace(root / "ws").make()
    model = root / "model"
    run("tests.benchmarks.made_model", str(model), "--items", str(items))
    shape = Metadata.read(newest(model))
    users = {length: [f"h{length}-{number}" for number in range(USERS)] for length in LENGTHS}
    (root / "made.toml").write_text(SCENARIO, encoding="utf-8")
    held = dataset.write(
        _folder(root / "data"),
        pa.Table.from_pylist(_events(users, shape, items), schema.EVENTS),
        pa.Table.from_pylist(
            [
                {
                    **dict.fromkeys(schema.ITEMS.names),
                    "item_id": f"i{number}",
                    "title": f"Item {number}",
                    "category": f"c{number % 50}",
                    "language": "en",
                }
                for number in range(min(items, PUBLISHED))
            ],
            schema.ITEMS,
        ),
        pa.Table.from_pylist(
            [{"user_id": user} for some in users.values() for user in sorted(some)], schema.users_schema(())
        ),
        {},
    )
    publish(held, load(root / "made.toml"), workspace.features)
    place = {"influence": root, "evaluation": root, "decision": root}
    Current(root / "made.toml", held.folder, **place, newest=1, model=model, version=1).write(workspace)
    return World(workspace, model, users)


def run(module: str, *options: str) -> str:
    """Runs a module in a process of its own, so that TensorFlow's memory and threads are not this one's."""
    done = subprocess.run([sys.executable, "-m", module, *options], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{module} ended with code {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _events(users: dict[int, list[str]], shape: Metadata, items: int) -> list[dict]:
    random = np.random.default_rng(0)
    newest = datetime.now(UTC) - timedelta(hours=1)
    events = []
    for length, some in users.items():
        for user in sorted(some):
            for order, item in enumerate(random.choice(min(items, PUBLISHED), length, replace=False), 1):
                events.append(
                    {
                        "event_id": f"{user}-{order}",
                        "user_id": user,
                        "item_id": f"i{item}",
                        "behavior": shape.behaviors[order % len(shape.behaviors)],
                        "order": order,
                        "timestamp": newest - timedelta(hours=12 * (length - order)),
                        "source": "log",
                    }
                )
    return sorted(events, key=lambda event: (event["user_id"], event["order"]))
