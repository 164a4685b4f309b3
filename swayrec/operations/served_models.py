"""The base path that a predictor polls: numbered links to the exports of the model that is served.

Every registry version keeps its exports in a folder of its own, and a predictor watches one folder for good.
So the workspace has a folder of links, and another champion is another set of links.
"""

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path

from swayrec.learning.exports import numbered
from swayrec.operations.workspace import Workspace


def follow(workspace: Workspace) -> Path:
    """Makes the links those of the model that the workspace's current.json names.

    Returns:
        The folder of links.
    """

    def model() -> Path:
        return Path(json.loads(workspace.current.read_text(encoding="utf-8"))["model"])

    return _linked(workspace.served_models, lambda: [model()])


def follow_both(workspace: Workspace, other: Path) -> Path:
    """Makes the links those of the model that current.json names and of ``other``, which is to take its place.

    As long as pods are replaced one by one, one or the other answers.
    """

    def models() -> list[Path]:
        return [Path(json.loads(workspace.current.read_text(encoding="utf-8"))["model"]), other]

    return _linked(workspace.served_models, models)


def follow_challenger(workspace: Workspace, model: Path) -> Path:
    """Makes the links of the other side of an experiment those of ``model``; returns their folder."""
    return _linked(workspace.challenger, lambda: [model])


def _linked(links: Path, models: Callable[[], list[Path]]) -> Path:
    """Makes a folder's links those to the exports of models.

    A link appears whole, and new ones appear before old ones go: whoever looks meanwhile always finds a model.
    Under a policy of the newest version, TensorFlow Serving loads a new champion beside the old one; after a
    rollback the newer number is gone, and it goes back. Links are relative, so that workspaces can be moved.
    """
    links.mkdir(parents=True, exist_ok=True)
    with (links / ".lock").open("w") as lock:
        # Asked under the lock: of two who change the champion at once, the links are the last one's.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = {
            number: folder for model in models() for number, folder in numbered(model.resolve()).items()
        }
        for number, folder in wanted.items():
            link, half = links / str(number), links / f".{number}.half"
            target = os.path.relpath(folder, links.resolve())
            if not link.is_symlink() or str(link.readlink()) != target:
                half.unlink(missing_ok=True)
                half.symlink_to(target)
                half.replace(link)
        for link in links.iterdir():
            if link.name.isdecimal() and int(link.name) not in wanted:
                link.unlink()
    return links
