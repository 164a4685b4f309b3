"""How soon a recommendation has what was posted: `make bench-freshness`.

Works on a copy of a trained workspace, so that nothing is posted into the real one. For each event: how often has the
user done this with the item that is recommended; post one more event of it; ask until the answer has it. The question
is `:explain`, which tells the history that the model was given, event by event.
"""

import argparse
import http.client
import json
import os
import platform
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from feature_repo.publication import Publication
from serving.processes import Serving
from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables.dataset import Dataset


def copied(workspace: Workspace, root: Path) -> Workspace:
    """What serving needs of a workspace; the model stays where it is."""
    copy = Workspace(root).make()
    shutil.copy(workspace.current, copy.current)
    shutil.copytree(workspace.features, copy.features)
    for folder in copy.features.iterdir():
        # A receipt names its folder by its whole path.
        replace(Publication.read(folder), folder=str(folder.resolve())).write(folder)
    return copy


class Door:
    """One kept connection."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)

    def post(self, path, body):
        self.connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        told = json.loads(response.read())
        assert response.status in (200, 202), told
        return told


def held(door, user, item, behavior):
    """How many events of this kind the model's history of the user has."""
    question = {"instances": [{"user_id": user, "item_id": item}]}
    answer = door.post("/v1/models/swayrec:explain", question)["explanations"][0]
    return sum(
        row["count"] for row in answer["shares"] if (row["item_id"], row["behavior"]) == (item, behavior)
    )


def best(door, user):
    """The item that is recommended to a user."""
    question = {"instances": [{"user_id": user, "k": 1}]}
    return door.post("/v1/models/swayrec:predict", question)["predictions"][0]["items"][0]["item_id"]


def measure(workspace, events, random):
    """Milliseconds of each post, and from its answer to the answer that has it; how often that was the first one;
    how often the intake said that the store has it.
    """
    current = Current.read(workspace)
    shape = Metadata.read(newest(current.model))
    users = Dataset(current.dataset).events()["user_id"].unique().to_pylist()
    behavior = shape.targets[0]
    begin = shape.until or time.time() - 3_600
    posts, waits, first, shown = [], [], 0, 0
    with Serving(workspace, intake=True, say=print) as serving:
        ask, tell = Door(serving.url), Door(serving.intake_url)
        for number, user in enumerate(random.choice(sorted(users), events)):
            user, item = str(user), best(ask, str(user))
            before = held(ask, user, item, behavior)
            at = datetime.fromtimestamp(begin + 1 + number, UTC).isoformat()
            event = {"user_id": user, "item_id": item, "behavior": behavior, "timestamp": at}
            began = time.perf_counter()
            shown += tell.post("/events", event)["shown"]
            answered = time.perf_counter()
            posts.append(answered - began)
            asked = 1
            while held(ask, user, item, behavior) < before + 1:
                asked += 1
                assert time.perf_counter() < answered + 30, f"event {number} was never seen"
            waits.append(time.perf_counter() - answered)
            first += asked == 1
    return np.array(posts) * 1e3, np.array(waits) * 1e3, first, shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, default=Path(".swayrec"))
    parser.add_argument("--events", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="swayrec-freshness-") as folder:
        workspace = copied(Workspace(given.workspace), Path(folder) / "ws")
        posts, waits, first, shown = measure(workspace, given.events, np.random.default_rng(0))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {given.events} events"
    )
    for name, values in (("POST /events", posts), ("answered -> an answer that has it", waits)):
        p50, p99 = np.percentile(values, [50, 99])
        print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    print(f"the very next answer had it: {first} of {given.events}; the intake had said so of {shown}")


if __name__ == "__main__":
    main()
