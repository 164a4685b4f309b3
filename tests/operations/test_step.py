import errno

import pytest

from swayrec.operations.step import step
from swayrec.tables.errors import InputError


def test_progress_is_one_marked_line(capsys):
    with step("ingest") as say:
        say("12 of\n40 files")
    assert capsys.readouterr().out == "[swayrec] ingest: 12 of 40 files\n"


def test_a_full_disk_is_told_as_bad_input_is_and_a_fault_of_the_code_is_not(capsys):
    with pytest.raises(OSError), step("ingest"):
        raise OSError(errno.ENOSPC, "Error writing bytes to file")
    assert capsys.readouterr().out.startswith(
        "[swayrec] ingest: error: No space left on device: the workspace"
    )
    with pytest.raises(OSError), step("ingest"):
        raise OSError(errno.EPIPE, "Broken pipe")
    assert capsys.readouterr().out == ""


def test_bad_input_is_told_before_it_ends_the_step(capsys):
    with pytest.raises(InputError), step("ingest"):
        raise InputError("shop.csv: row 3, column time has the value 'soon'; give ISO 8601")
    assert capsys.readouterr().out == (
        "[swayrec] ingest: error: shop.csv: row 3, column time has the value 'soon'; give ISO 8601\n"
    )
