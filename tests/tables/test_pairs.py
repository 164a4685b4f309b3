import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swayrec.tables.errors import InputError
from swayrec.tables.pairs import read_pairs

PAIRS = [("007", "NA"), ("用户", "p,1"), ("u", "null"), ("u", "nan")]


@pytest.mark.parametrize("name", ["test.csv", "test.csv.gz", "test.jsonl", "test.parquet"])
def test_pairs_are_read_from_any_raw_format_with_their_ids_as_they_are(tmp_path, name):
    path = tmp_path / name
    text = "x,i,u\r\n" + "".join(f'0," {item}",{user}\r\n' for user, item in PAIRS)
    if name == "test.csv":
        path.write_bytes(("\ufeff" + text).encode())
    elif name == "test.csv.gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif name == "test.jsonl":
        path.write_text("".join(f'{{"u": "{user}", "i": "{item}"}}\n' for user, item in PAIRS))
    else:
        users, items = zip(*PAIRS, strict=True)
        pq.write_table(pa.table({"i": items, "u": users}), path)
    found = read_pairs(path, "u", "i")
    assert [tuple(row.values()) for row in found.to_pylist()] == PAIRS


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"u,i\n", "columns but no rows"),
        (b"u,item\na,b\n", "there is no column i; it has u, item"),
        (gzip.compress(b"u,i\na,b\n", mtime=0), "the file is gzip"),
        ("u,i\na,b\n用户,p\n".encode("gbk"), r"row 2 is bad \(wrong encoding\)"),
        (b"u,i\na,b\na\n,c\n", r"row 2 is bad \(wrong number of columns\)"),
        (b"u,i\na,b\n,c\na\n", r"row 2 is bad \(no u\)"),
        (b"u,i\na, \n", r"row 1 is bad \(no i\)"),
    ],
)
def test_a_bad_file_is_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "test.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence) as said:
        read_pairs(path, "u", "i")
    assert str(said.value).startswith(f"{path}: ")
    assert "\n" not in str(said.value)
