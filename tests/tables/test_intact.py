import json

import pyarrow.parquet as pq
import pytest

from swayrec.tables.errors import InputError
from swayrec.tables.intact import intact


@pytest.mark.parametrize(
    "read",
    [
        lambda path: json.loads(path.read_text(encoding="utf-8")),
        lambda path: path.read_text(encoding="utf-8"),
        lambda path: pq.read_table(path),
        lambda path: {}["name"],
        lambda path: {"junk": 3}["junk"]["name"],
        lambda path: (path / "inside").read_text(),
    ],
)
def test_whatever_reading_raises_is_damage_told_in_one_sentence(tmp_path, read):
    path = tmp_path / "file"
    path.write_bytes(b"\xffjunk{\nmore")
    with pytest.raises(InputError, match=r"it is damaged \(.*swayrec train") as said, intact(path):
        read(path)
    assert str(said.value).startswith(f"{path}: ")
    assert "\n" not in str(said.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="it is missing; mend it"), intact(tmp_path, remedy="mend it"):
        (tmp_path / "none").read_text()


def test_what_the_system_refuses_and_what_was_said_already_pass(tmp_path):
    for error in (PermissionError(13, "Permission denied"), OSError(28, "No space left on device")):
        with pytest.raises(type(error)) as passed, intact(tmp_path):
            raise error
        assert passed.value is error
    said = InputError("once")
    with pytest.raises(InputError) as passed, intact(tmp_path):
        raise said
    assert passed.value is said
