"""The base path that a predictor polls: numbered links to the exports of the model that is served.

Every registry version keeps its exports in a folder of its own, and a predictor watches one folder for good.
So the workspace has a folder of links, and another champion is another set of links.
"""

import fcntl
import json
import os
from pathlib import Path

from swayrec.operations.workspace import Workspace

_SAVED_MODEL = "saved_model.pb"


def follow(workspace: Workspace) -> Path:
    """Makes the links those of the model that the workspace's current.json names.

    A link appears whole, and new ones appear before old ones go: whoever looks meanwhile always finds a model.
    Under a policy of the newest version, TensorFlow Serving loads a new champion beside the old one; after a
    rollback the newer number is gone, and it goes back. Links are relative, so that workspaces can be moved.

    Returns:
        The folder of links.
    """
    links = workspace.served_models
    links.mkdir(parents=True, exist_ok=True)
    with (links / ".lock").open("w") as lock:
        # Read under the lock: of two who change the champion at once, the links are the last one's.
        fcntl.flock(lock, fcntl.LOCK_EX)
        model = Path(json.loads(workspace.current.read_text(encoding="utf-8"))["model"]).resolve()
        exports = {
            folder.name: folder
            for folder in (model.iterdir() if model.is_dir() else ())
            if folder.name.isdecimal() and (folder / _SAVED_MODEL).exists()
        }
        for number, folder in exports.items():
            link, half = links / number, links / f".{number}.half"
            target = os.path.relpath(folder, links.resolve())
            if not link.is_symlink() or str(link.readlink()) != target:
                half.unlink(missing_ok=True)
                half.symlink_to(target)
                half.replace(link)
        for link in links.iterdir():
            if link.name.isdecimal() and link.name not in exports:
                link.unlink()
    return links
