"""A registered version as a bento: model, code and requirements in one, for `bentoml serve` without Kubernetes."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from swayrec.learning.exports import newest
from swayrec.operations.version import PREFIX, Version
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

ALIAS = "swayrec"
"""What the service calls its model, whatever its tag."""

WORKSPACE = "SWAYREC_WORKSPACE"
"""The environment variable that says which workspace a bento answers from."""

DO_NOT_TRACK = "BENTOML_DO_NOT_TRACK"

REQUIREMENTS = "requirements.lock"
_ROOT = Path(__file__).parents[2]
_PACKAGES = ("swayrec", "serving", "feature_repo")
"""What serving imports."""


def environment(workspace: Workspace) -> dict[str, str]:
    """This process's environment, with BentoML's stores in the workspace and without its telemetry."""
    return {**os.environ, "BENTOML_HOME": str(workspace.bentoml.resolve()), DO_NOT_TRACK: "True"}


def build(workspace: Workspace, version: Version) -> str:
    """Puts a version's newest export into BentoML's model store and builds a bento of it.

    The stores lie in the workspace. A bento of the same export is made anew.

    Returns:
        The bento's tag, ``swayrec-<scenario>:<version>-<export>``.

    Raises:
        InputError: the version has no export, there is no lock file beside the code, or BentoML refuses.
    """
    lock, export = _ROOT / REQUIREMENTS, newest(version.model)
    if not lock.exists():
        raise InputError(f"{lock}: the file is not there; a bento is built in a checkout of Swayrec")
    tag = f"{PREFIX}{version.scenario}:{version.number}-{export.name}"
    workspace.bentoml.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="swayrec-bento-") as made:
        stage = Path(made)
        for package in _PACKAGES:
            shutil.copytree(
                _ROOT / package, stage / package, ignore=shutil.ignore_patterns("__pycache__", "tests")
            )
        (stage / REQUIREMENTS).write_text(pinned(lock.read_text(encoding="utf-8")), encoding="utf-8")
        asked = {
            "tag": tag,
            "export": str(export.resolve()),
            "labels": {
                "scenario": version.scenario,
                "version": str(version.number),
                "fingerprint": version.fingerprint,
            },
            "packages": _PACKAGES,
        }
        # A process of its own: BentoML reads its settings once, and works in the folder that it builds from.
        done = subprocess.run(
            [sys.executable, "-m", "swayrec.operations.bento_store"],
            cwd=stage,
            input=json.dumps(asked),
            env=environment(workspace),
            capture_output=True,
            text=True,
        )
    if done.returncode:
        said = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        raise InputError(f"version {version.name}: BentoML built no bento: {said}")
    return tag


def pinned(lock: str) -> str:
    """A lock file's requirements alone, ``name==version`` a line.

    Without hashes: BentoML adds itself without one, which pip refuses beside others that have some.
    """
    return "".join(
        f"{line}\n" for line in re.findall(r"^[\w.-]+(?:\[[^]]*\])?==[^ \\\n]+", lock, re.MULTILINE)
    )
