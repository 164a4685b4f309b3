"""Raw columns as what they mean: ids, numbers and instants, as Ibis expressions."""

from collections.abc import Iterable
from typing import Any, Literal

import ibis

from swayrec.tables.reading import Raw

INSTANT = "timestamp('UTC', 6)"
"""The Ibis type of an instant."""

# Only these: the engine reads the first part of "2024-01-05 10:00:00 PM" and says nothing of the rest.
_DAY = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_LOCAL = _DAY + r"([T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?$"
# An offset counts only after a time of day, so that the day of 2024-01-05 is not one.
_OFFSET = _DAY + r"[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|z|UTC|GMT|[+-](0\d|1[0-5])(:?[0-5]\d)?)$"
_WHOLE_AS_FLOAT = r"^-?\d+\.0$"

# Outside of these years pandas cannot hold an instant; a time beyond them is a wrong unit or a typing error.
_EARLIEST, _LATEST = "1678-01-01", "2262-01-01"


def text(column: Any) -> Any:
    """A column as text without space around it; null where nothing is left."""
    return column.cast("string").strip().nullif("")


def identifiers(raw: Raw, names: Iterable[str]) -> dict[str, Any]:
    """Id columns as the text that people see: 1029, not 1029.0; null where a number is not finite.

    A text column is freed of ``.0`` only where all its values have it: it was written by a program that
    turned ids into floating-point numbers.
    """
    table = raw.table
    wanted = list(dict.fromkeys(names))
    untyped = [name for name in wanted if table[name].type().is_string()]
    as_float = set()
    if raw.untyped and untyped:
        seen = _all_whole(table, untyped)
        as_float = {name for name, whole in zip(untyped, seen, strict=True) if whole}
    return {name: _identifier(table[name], name in as_float) for name in wanted}


def _all_whole(table: Any, names: list[str]) -> list[bool]:
    wanted = {f"all_{i}": text(table[name]).re_search(_WHOLE_AS_FLOAT).all() for i, name in enumerate(names)}
    found = table.aggregate(**wanted).to_pyarrow().to_pylist()[0]
    return [bool(found[name]) for name in wanted]


def _identifier(column: Any, as_float: bool) -> Any:
    kind = column.type()
    if kind.is_floating():
        column = _finite(column)
        whole = column.try_cast("int64")
        is_whole = (whole.cast("float64") == column) & (column.abs() < 2**53)
        return is_whole.fill_null(False).ifelse(whole.cast("string"), column.cast("string"))
    if kind.is_decimal():
        return text(column).re_replace(r"\.0+$", "")
    return text(column).re_replace(r"\.0$", "") if as_float else text(column)


def number(column: Any) -> Any:
    """A column as float64; null where it is no finite number."""
    kind = column.type()
    known = kind.is_numeric() or kind.is_boolean()
    found = column.cast("float64") if known else text(column).try_cast("float64")
    return _finite(found)


def _finite(column: Any) -> Any:
    # No comparison: the engine decides those by a Parquet file's least and greatest value, which leave NaN out.
    return (column.isnan() | column.isinf()).ifelse(None, column)


def position(column: Any) -> Any:
    """A column that orders events, exact also for ids of 19 digits; null where it is no number."""
    kind = column.type()
    if kind.is_integer() or kind.is_floating():
        return number(column) if kind.is_floating() else column.cast("int64")
    return text(column).try_cast("decimal(38, 9)")


def instant(column: Any, unit: Literal["text", "s", "ms", "us"], zone: str) -> Any:
    """A column as an instant in UTC, to the microsecond; null where it is no time.

    Args:
        column: a timestamp or date column, ISO 8601 text, or (by ``unit``) numbers since the epoch.
        unit: text, or what the numbers count.
        zone: the zone of times that name none.
    """
    if unit != "text":
        return _since_epoch(column, unit)
    kind = column.type()
    if kind.is_timestamp() and kind.timezone:
        found = column.cast(INSTANT)
    elif kind.is_timestamp() or kind.is_date():
        found = _in_zone(column.cast("timestamp(6)"), zone)
    else:
        words = text(column)
        offset, local = words.re_search(_OFFSET), words.re_search(_LOCAL)
        found = offset.ifelse(
            offset.ifelse(words, None).try_cast(INSTANT),
            _in_zone(local.ifelse(words, None).try_cast("timestamp(6)"), zone),
        )
    inside = (found >= ibis.literal(_EARLIEST).cast(INSTANT)) & (found < ibis.literal(_LATEST).cast(INSTANT))
    return inside.ifelse(found, None)


def _in_zone(local: Any, zone: str) -> Any:
    if zone == "UTC":
        return local.cast(INSTANT)
    return (local.cast("string") + f" {zone}").try_cast(INSTANT)


def _since_epoch(column: Any, unit: Literal["s", "ms", "us"]) -> Any:
    per_second = {"s": 1, "ms": 1_000, "us": 1_000_000}[unit]
    count = position(column).cast("decimal(38, 9)")
    # 9.2e9 seconds end in the year 2262. What lies beyond may be no int64 at all, so it goes before the division.
    most = 9_200_000_000 * per_second
    count = count.between(-most, most).ifelse(count, None)
    seconds = (count / per_second).floor().cast("int64")
    micros = ((count - seconds * per_second) * (1_000_000 // per_second)).round().cast("int64")
    return (seconds.as_timestamp("s") + micros.as_interval("us")).cast(INSTANT)
