import csv
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
        " a \n  \n\tb\n",
        "user_id\n a \nb\n",
        "a\rb\r",
    ],
)
def test_users_are_read_once_each_in_their_order(tmp_path, text):
    assert id_files.users(str(written(tmp_path / "users.csv", text))) == ["a", "b"]


def test_an_id_may_hold_anything(tmp_path):
    odd = ["007", "a,b", 'say "x"', "two\nlines", "用户", "😀", "x" * 200_000]
    path = tmp_path / "users.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([id] for id in odd)
    assert id_files.users(str(path)) == odd
    pq.write_table(pa.table({"user_id": odd}), tmp_path / "users.parquet")
    assert id_files.users(str(tmp_path / "users.parquet")) == odd


def test_numbers_of_parquet_are_ids_as_the_ingest_reads_them(tmp_path):
    path = tmp_path / "users.parquet"
    pq.write_table(pa.table({"user_id": [1029.0, 2.5]}), path)
    assert id_files.users(str(path)) == ["1029", "2.5"]
    pq.write_table(pa.table({"user_id": [1.0, float("nan"), None]}), path)
    with pytest.raises(InputError, match="row 2 has no user_id"):
        id_files.users(str(path))


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
        ("  \n\n", "there is no user in it"),
        ("a,b\nc,d\n", "none is called user_id"),
        ("x,user_id\n1,a\n2\n", "row 2 has no user_id"),
        ("x,user_id\n1,\n", "row 1 has no user_id"),
        ('a\n"b\nc\n', "line 3 is no CSV .*close each quote"),
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


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("user_id,item\na,1\n", "no column item_id; it has user_id, item"),
        ("", "no column user_id"),
        ("user_id,item_id\n", "there is no row in it"),
        ("user_id,item_id\na,1\nb\n", "row 2 has no item_id"),
        ("user_id,item_id\n,1\n", "row 1 has no user_id"),
        ("user_id,item_id\na,\xe9\n", "is not UTF-8"),
        ('user_id,item_id\na,"1\n', "is no CSV"),
    ],
)
def test_candidates_that_lack_something_are_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "pairs.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=sentence) as said:
        id_files.candidates(path)
    assert str(said.value).startswith(f"{path}: ")


def test_candidates_come_from_parquet_too(tmp_path):
    path = tmp_path / "pairs.parquet"
    pq.write_table(pa.table({"item_id": [1.0, 2.0], "user_id": ["a", "a"], "x": [0, 0]}), path)
    assert id_files.candidates(path) == {"a": ["1", "2"]}
    pq.write_table(pa.table({"item_id": [1, None], "user_id": ["a", "b"]}), path)
    with pytest.raises(InputError, match="row 2 has no item_id"):
        id_files.candidates(path)
