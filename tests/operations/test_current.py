from pathlib import Path

import pytest

from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError


def made(root: Path) -> Current:
    places = {
        name: root / name for name in ("scenario", "dataset", "influence", "evaluation", "model", "decision")
    }
    for place in places.values():
        place.mkdir()
    return Current(version=3, newest=4, **places)


def test_newest_training_is_read_as_it_was_written(tmp_path):
    current = made(tmp_path)
    current.write(Workspace(tmp_path))
    assert Current.read(Workspace(tmp_path)) == current


def test_workspace_without_a_training_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="swayrec train SCENARIO"):
        Current.read(Workspace(tmp_path))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"newest": "x", "version": 1}', "\0"])
def test_damaged_file_is_named_with_what_to_do(tmp_path, text):
    made(tmp_path).write(Workspace(tmp_path))
    Workspace(tmp_path).current.write_text(text)
    with pytest.raises(InputError, match=r"current\.json: it is damaged .*run `swayrec train") as said:
        Current.read(Workspace(tmp_path))
    assert "\n" not in str(said.value)


def test_removed_output_is_named(tmp_path):
    current = made(tmp_path)
    current.write(Workspace(tmp_path))
    current.model.rmdir()
    with pytest.raises(InputError, match=r"model.* is gone; run `swayrec train .*scenario` again"):
        Current.read(Workspace(tmp_path))
