import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swayrec.operations import id_files
from swayrec.tables.errors import InputError


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "a\nb\na\n",
        "user_id\na\nb\n",
        "item_id,user_id\n1,a\n2,b\n3,a\n",
        "\ufeffuser_id\r\na\r\nb\r\n",
        "a\n\nb",
    ],
)
def test_users_are_read_once_each_in_their_order(tmp_path, text):
    assert id_files.users(str(written(tmp_path / "users.csv", text))) == ["a", "b"]


def test_users_come_from_parquet_and_standard_input_too(tmp_path, monkeypatch):
    pq.write_table(pa.table({"user_id": [2, 1, 2]}), tmp_path / "users.parquet")
    assert id_files.users(str(tmp_path / "users.parquet")) == ["2", "1"]
    monkeypatch.setattr("sys.stdin", io.StringIO("x\ny\n"))
    assert id_files.users("-") == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no user in it"),
        ("user_id\n", "there is no user in it"),
        ("a,b\nc,d\n", "none is called user_id"),
    ],
)
def test_file_without_users_is_one_sentence(tmp_path, text, sentence):
    with pytest.raises(InputError, match=sentence):
        id_files.users(str(written(tmp_path / "users.csv", text)))


def test_missing_wrong_or_latin_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nothere\.csv: cannot be read"):
        id_files.users(str(tmp_path / "nothere.csv"))
    (tmp_path / "latin.csv").write_bytes("Zoë\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.csv: byte 2 is not UTF-8"):
        id_files.users(str(tmp_path / "latin.csv"))
    (tmp_path / "no.parquet").write_text("a")
    with pytest.raises(InputError, match=r"no\.parquet: cannot be read as Parquet"):
        id_files.users(str(tmp_path / "no.parquet"))


def test_candidates_are_gathered_by_user(tmp_path):
    path = written(tmp_path / "pairs.csv", "user_id,item_id\na,1\nb,1\na,2\na,1\n")
    assert id_files.candidates(path) == {"a": ["1", "2"], "b": ["1"]}


def test_candidates_without_a_column_name_it(tmp_path):
    with pytest.raises(InputError, match="no column item_id"):
        id_files.candidates(written(tmp_path / "pairs.csv", "user_id,item\na,1\n"))
