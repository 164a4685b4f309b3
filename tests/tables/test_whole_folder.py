import subprocess
import sys

import pytest

from swayrec.tables.whole_folder import whole_folder


def test_a_new_folder_takes_the_place_of_the_old_one_whole(tmp_path):
    folder = tmp_path / "data"
    for text in ("old", "new"):
        with whole_folder(folder) as made:
            (made / text).write_text(text)
    assert [path.name for path in folder.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [folder]


def test_an_error_leaves_the_old_folder_as_it_was(tmp_path):
    folder = tmp_path / "data"
    with whole_folder(folder) as made:
        (made / "old").touch()
    with pytest.raises(RuntimeError), whole_folder(folder) as made:
        (made / "new").touch()
        raise RuntimeError
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_killed_process_leaves_no_half_folder(tmp_path):
    code = (
        "import os, sys, pathlib\nfrom swayrec.tables.whole_folder import whole_folder\n"
        "with whole_folder(pathlib.Path(sys.argv[1])) as made:\n (made / 'half').touch()\n"
        " os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "data")], check=False)
    assert killed.returncode == -9
    assert not (tmp_path / "data").exists()
