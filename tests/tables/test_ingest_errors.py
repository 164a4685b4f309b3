import gzip
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swayrec.tables.errors import InputError
from swayrec.tables.whole_folder import whole_folder

LOG = "user,item,behavior,time\nu,p1,buy,2024-01-01\nu,p2,view,2024-01-02\n"


def stopped(world, *paths, until=None, **changes):
    with pytest.raises(InputError) as error:
        world.ingest(*paths, until=until, **changes)
    assert "\n" not in str(error.value)
    assert not (world.root / "dataset").exists()
    assert not list(world.root.glob(".dataset*")), "nothing half-written may stay"
    return str(error.value)


def test_a_missing_file_is_named(world):
    assert "there is no file" in stopped(world, world.root / "gone.csv")


@pytest.mark.parametrize(
    "field", ["user", "item", "behavior", "time", "value", "session", "event_id", "order", "text"]
)
def test_a_missing_column_is_named_with_its_field_and_those_there_are(world, field):
    said = stopped(world, world.write("log.csv", LOG), **{field: "gone"})
    assert f"field events.log.{field} names the column gone" in said
    assert said.endswith("it has user, item, behavior, time")


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl", "log.parquet", "log.csv.gz"])
def test_an_empty_file_is_named(world, name):
    path = world.write(name, "")
    assert f"{path}: the file is empty" in stopped(world, path)


def test_a_file_with_a_header_alone_has_no_rows(world):
    assert "columns but no rows" in stopped(world, world.write("log.csv", "user,item,behavior,time\n"))
    empty = world.write_parquet("log.parquet", {"user": [], "item": [], "behavior": [], "time": []})
    assert "columns but no rows" in stopped(world, empty)


def test_a_behavior_that_nobody_shows_is_named(world):
    world.scenario["behaviors"] = [{"name": "buy", "target": True}, {"name": "view"}, {"name": "share"}]
    assert "nobody shows share in" in stopped(world, world.write("log.csv", LOG))


def test_a_target_that_never_happens_is_named(world):
    path = world.write("log.csv", LOG.replace("buy", "view"))
    assert "the target buy never happens in" in stopped(world, path)
    path = world.write("log.csv", LOG)
    assert "no event is left before 2023-01-01" in stopped(world, path, until=datetime(2023, 1, 1))


def test_a_column_twice_is_named(world):
    assert "the column User stands there twice" in stopped(
        world, world.write("log.csv", "user,User,item\na,b,c\n")
    )


def test_files_that_are_not_what_their_names_say(world):
    assert "cannot be read as Parquet" in stopped(world, world.write("log.parquet", LOG))
    assert "no line is a JSON object" in stopped(world, world.write("log.jsonl", "[{\n}\n]\n"))
    broken = world.write("log.csv.gz", LOG)
    broken.write_bytes(broken.read_bytes()[:-12])
    assert "log.csv.gz: it cannot be read" in stopped(world, broken)
    assert "its ending names no format" in stopped(world, world.write("log.xlsx", LOG))
    assert "the file is UTF-16" in stopped(world, world.write("log.csv", LOG.encode("utf-16")))
    assert "of the header is not UTF-8" in stopped(world, world.write("log.csv", b"us\xffer,item\na,b\n"))
    assert "this is no file" in stopped(world, world.root)


def test_a_quote_that_swallows_the_rest_of_the_file_is_named(world):
    lines = [f"u{i},p,buy,2024-01-01\n" for i in range(5000)]
    lines[4000] = 'u,"p,buy,2024-01-01\n'
    path = world.write("log.csv", "user,item,behavior,time\n" + "".join(lines))
    assert "row 4001 opens a quote that 100 lines do not close" in stopped(world, path)


def test_conditions_that_cannot_be_computed_are_named(world):
    path = world.write("log.csv", LOG)
    assert "field events.log.where names the column prize" in stopped(world, path, where="prize > 3")
    assert "field events.log.where = 'a ((' is no SQL condition" in stopped(world, path, where="a ((")
    assert "is a statement" in stopped(world, path, where="item IN (SELECT 1)")
    said = stopped(world, path, where="no_such_function(item)")
    assert "events.log.where = 'no_such_function(item)' cannot be computed" in said


def test_a_place_that_cannot_be_written_is_named(world):
    world.write("file", "x")
    with pytest.raises(InputError, match="cannot be written"), whole_folder(world.root / "file" / "dataset"):
        pass


def test_a_missing_file_is_looked_for_below_the_folder_that_is_told(world):
    said = stopped(world, "gone.csv")
    assert "there is no file gone.csv below /" in said


@pytest.mark.parametrize("path", ["package://", "package://no.such/a.csv", "package://.x/a.csv"])
def test_a_package_that_is_none_is_one_sentence(world, path):
    assert "needs the package" in stopped(world, path)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("log.csv", gzip.compress(LOG.encode()), "the file is gzip; let its name end in .gz"),
        ("log.csv", b"PAR1\x15\x04", "the file is Parquet; let its name end in .parquet"),
        ("log.csv", b"PK\x03\x04xl", "the file is a zip file (a spreadsheet is one too)"),
        ("log.csv", LOG.encode("utf-32"), "the file is UTF-32"),
        ("log.csv", LOG.encode("utf-16-le"), "the file is UTF-16, or no text at all"),
        ("log.jsonl", '{"user": "u"}\n'.encode("utf-16"), "the file is UTF-16"),
        ("log.jsonl", '{"user": "用户"}\n'.encode("gbk"), "no line is UTF-8; save the file as UTF-8"),
        ("log.jsonl", b"{}\n{}\n", "there is no column in it"),
        ("log.csv", LOG.replace("\n", "\r").encode(), "its lines end in a carriage return alone"),
        (
            "log.csv",
            LOG.replace(",", ";").encode(),
            'holds no comma; name what stands between its columns in the scenario: separator = ";"',
        ),
        ("log.csv", b"user,__row\na,b\n", "needs the column name __row for itself"),
        ("log.csv", b"\n\n", "the file is empty"),
    ],
)
def test_what_a_file_is_in_truth_is_told_with_what_to_do(world, name, content, sentence):
    said = stopped(world, world.write(name, content))
    assert sentence in said
    assert name in said


@pytest.mark.parametrize("name", ["log.csv.gz", "log.jsonl.gz"])
def test_a_gzip_file_that_is_broken_or_none_is_named(world, name):
    path = world.write(name, "".join(f"{i},{i * i}\n" for i in range(2000)))
    packed = path.read_bytes()
    for broken in (
        b"user,item\n",
        packed[:9],
        packed[: len(packed) // 2],
        packed[:200] + bytes(50) + packed[250:],
    ):
        path.write_bytes(broken)
        said = stopped(world, path)
        assert f"{path}: it cannot be read" in said, said


def test_a_parquet_file_without_columns_or_rows_is_named(world):
    empty = world.root / "log.parquet"
    pq.write_table(pa.table({}), empty)
    assert "there is no column in it" in stopped(world, empty)
    pq.write_table(pa.table({"user": pa.array([], pa.binary())}), empty)
    assert "columns but no rows" in stopped(world, empty)


def test_a_column_that_would_not_be_seen_is_told_in_quotes(world):
    path = world.write("log.csv", "user, item,behavior\nu,p,buy\n")
    assert "which " in (said := stopped(world, path))
    assert said.endswith("it has user, ' item', behavior")


def test_a_condition_with_an_open_quote_is_named(world):
    said = stopped(world, world.write("log.csv", LOG), where="behavior = 'buy")
    assert "is no SQL condition" in said


@pytest.mark.parametrize("values", [[[1.0]] * 2, [date(2024, 1, 1)] * 2])
def test_values_of_a_type_that_is_no_number_are_bad_rows(world, values):
    path = world.write_parquet(
        "log.parquet", {"user": ["u"] * 2, "item": ["p", "q"], "behavior": ["buy"] * 2, "paid": values}
    )
    assert "most often unparsable value, first in row 1 (paid = " in stopped(
        world, path, time=None, value="paid"
    )
