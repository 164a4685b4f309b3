"""The links that a predictor polls follow the workspace's champion."""

import os
from dataclasses import replace

import pytest

from swayrec.operations import served_models
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace


def a_model(root, name, *numbers):
    for number in numbers:
        folder = root / "registry" / name / "model" / str(number)
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_text(name)
    return root / "registry" / name / "model"


@pytest.fixture
def current(tmp_path):
    places = {
        name: tmp_path / name for name in ("scenario", "dataset", "influence", "evaluation", "decision")
    }
    for place in places.values():
        place.mkdir()
    return Current(version=1, newest=1, model=a_model(tmp_path, "first", 100), **places)


def served(workspace):
    return {
        link.name: (link / "saved_model.pb").read_text()
        for link in workspace.served_models.iterdir()
        if link.name.isdecimal()
    }


def test_another_champion_is_another_link_and_a_rollback_brings_the_smaller_number_back(tmp_path, current):
    workspace = Workspace(tmp_path)
    current.write(workspace)
    assert served(workspace) == {"100": "first"}
    replace(current, model=a_model(tmp_path, "second", 200), version=2).write(workspace)
    assert served(workspace) == {"200": "second"}
    current.write(workspace)
    assert served(workspace) == {"100": "first"}


def test_a_second_export_of_the_champion_is_linked_and_half_an_export_is_not(tmp_path, current):
    workspace = Workspace(tmp_path)
    current.write(workspace)
    a_model(tmp_path, "first", 150)
    (current.model / "175").mkdir()
    assert served_models.follow(workspace) == workspace.served_models
    assert served(workspace) == {"100": "first", "150": "first"}


def test_whoever_looks_during_a_swap_finds_a_model(tmp_path, current, monkeypatch):
    workspace = Workspace(tmp_path)
    current.write(workspace)
    seen = []
    for name in ("symlink", "replace", "unlink"):
        real = getattr(os, name)

        def looked(*given, real=real, **named):
            real(*given, **named)
            seen.append(set(served(workspace)))

        monkeypatch.setattr(os, name, looked)
    replace(current, model=a_model(tmp_path, "second", 200)).write(workspace)
    assert {"100"} in seen
    assert {"100", "200"} in seen
    assert all(seen)


def test_a_moved_workspace_still_has_its_links(tmp_path, current):
    (tmp_path / "inner").mkdir()
    current = replace(current, model=a_model(tmp_path / "inner", "first", 100))
    current.write(Workspace(tmp_path / "inner"))
    (tmp_path / "inner").rename(tmp_path / "elsewhere")
    assert served(Workspace(tmp_path / "elsewhere")) == {"100": "first"}
