import re
import secrets

import pytest

from conftest import Silent
from pipelines import local
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace

from . import podman


@pytest.fixture(scope="session")
def revision():
    """Another one each time, so that no label is that of an earlier build."""
    return secrets.token_hex(20)


@pytest.fixture(scope="session")
def image(tmp_path_factory, revision):
    """The `cpu` image, built once; minutes where neither base nor packages are there from an earlier run."""
    folder = tmp_path_factory.mktemp("image")
    return podman.build(folder, "cpu", VERSION="9.8.7", REVISION=revision, SOURCE="https://example.org/house")


@pytest.fixture
def run(image):
    """Runs a command of the image to its end: what it prints; a test fails where it fails."""

    def ran(*arguments, **given):
        return podman.told(*podman.command(image, *arguments, **given))

    return ran


@pytest.fixture(scope="session")
def plainer(groceries):
    """The scenario of the same cut with one form and one ridge: each step runs here and in a container."""
    text = groceries.read_text(encoding="utf-8")
    forms = re.split(r"(?m)^(?=\[\[influence\.forms\]\])", text)
    after = forms[-1][forms[-1].index("[text]") :]
    text = re.sub(r"(?m)^ridges = .*$", "ridges = [1e-2]", f"{forms[0]}{forms[1]}\n{after}")
    path = groceries.parent / "plainer.toml"
    path.write_text(re.sub(r"(?m)^epochs = .*$", "epochs = 1", text), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def learned(plainer, tmp_path_factory):
    """A workspace with a finished training on it, by this machine."""
    workspace = Workspace(tmp_path_factory.mktemp("learned") / "workspace")
    local.run(workspace, plainer, "", Silent())
    return workspace


@pytest.fixture(scope="session")
def made_here(learned):
    """Where a step of that training put an output: ``made_here("embed", "vectors")``."""
    run = Current.read(learned).dataset.parents[1]
    return lambda step, name: run / step.replace("_", "-") / name
