"""The raw files of items and users as canonical tables."""

import json
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from swayrec.tables import columns, quarantine, schema
from swayrec.tables.language import language
from swayrec.tables.quarantine import Quarantine
from swayrec.tables.reading import Raw, require
from swayrec.tables.rows import REASON, ROW
from swayrec.tables.scenario_sources import ItemSource, UserSource
from swayrec.tables.text import each_distinct, normalize

TIMES = ("created_at", "available_from", "available_until")


def read_items(
    engine: Any, source: ItemSource, raw: Raw, scenario_name: str, kept_bad: Quarantine
) -> tuple[pa.Table, dict[str, int]]:
    """The items of a raw file, and its bad rows by reason.

    Text columns are normalised and joined with commas; without any, the title is the text. The language is
    told from the text unless a column names it. An item that stands there twice is taken from its first row.

    Raises:
        InputError: a column is missing, or too many rows are bad.
    """
    single = ("item", "title", "category", "tags", "language", "image", "sensitive", *TIMES)
    named = [(f"items.{name}", getattr(source, name)) for name in single]
    require(raw, [*named, *(("items.text", name) for name in source.text)], scenario_name)
    table = raw.table
    found = {ROW: table[ROW], "item_id": columns.identifiers(raw, [source.item])[source.item]}
    for name in ("title", "category", "language", "image", "sensitive"):
        column = getattr(source, name)
        found[name] = columns.text(table[column]) if column else ibis.null("string")
    for name in TIMES:
        column = getattr(source, name)
        found[name] = columns.instant(table[column], "text", "UTC") if column else ibis.null(columns.INSTANT)
    for place, name in enumerate(source.text):
        found[f"text_{place}"] = columns.text(table[name])
    if source.tags:
        tags = table[source.tags]
        found["tags"] = columns.text(tags) if not tags.type().is_array() else tags.cast("array<string>")
    wrong = ibis.literal(False)
    for name in TIMES:
        if column := getattr(source, name):
            wrong = wrong | (columns.text(table[column]).notnull() & found[name].isnull())
    rows = table.select(**found, wrong_time=wrong)
    rows = engine.create_table(
        "item_rows", _judged(rows, "item_id", quarantine.ITEM, quarantine.DUPLICATE_ITEM), temp=True
    )
    first_time = next((getattr(source, name) for name in TIMES if getattr(source, name)), None)
    shown = {
        quarantine.ITEM: source.item,
        quarantine.DUPLICATE_ITEM: source.item,
        quarantine.TIME: first_time,
    }
    bad = kept_bad.add("items", raw, rows.filter(rows[REASON].notnull()).select(ROW, REASON), shown)
    good = rows.filter(rows[REASON].isnull()).order_by("item_id").to_pyarrow()
    return _items(good, source), bad


def read_users(
    engine: Any, source: UserSource, raw: Raw, scenario_name: str, kept_bad: Quarantine
) -> tuple[pa.Table, dict[str, int]]:
    """The users of a raw file with their groups, and its bad rows by reason.

    Raises:
        InputError: a column is missing, or too many rows are bad.
    """
    require(
        raw, [("users.user", source.user), *(("users.groups", name) for name in source.groups)], scenario_name
    )
    table = raw.table
    found = {ROW: table[ROW], "user_id": columns.identifiers(raw, [source.user])[source.user]}
    rows = table.select(
        **found, **{name: columns.text(table[name]) for name in source.groups}, wrong_time=False
    )
    rows = engine.create_table(
        "user_rows", _judged(rows, "user_id", quarantine.USER, quarantine.DUPLICATE_USER), temp=True
    )
    shown = {quarantine.USER: source.user, quarantine.DUPLICATE_USER: source.user}
    bad = kept_bad.add("users", raw, rows.filter(rows[REASON].notnull()).select(ROW, REASON), shown)
    good = rows.filter(rows[REASON].isnull()).select("user_id", *source.groups).to_pyarrow()
    return good.cast(schema.users_schema(source.groups)), bad


def _judged(rows: Any, name: str, missing: str, again: str) -> Any:
    place = ibis.row_number().over(group_by=rows[name], order_by=rows[ROW])
    rows = rows.mutate(place=place)
    reasons = [
        (rows[name].isnull(), missing),
        (rows[name].length() > schema.LONGEST_ID, quarantine.LONG_ID),
        (rows.wrong_time, quarantine.TIME),
        (rows.place > 0, again),
    ]
    return rows.mutate(**{REASON: ibis.cases(*reasons, else_=ibis.null("string"))}).drop(
        "place", "wrong_time"
    )


def _items(rows: pa.Table, source: ItemSource) -> pa.Table:
    parts = [rows[f"text_{place}"] for place in range(len(source.text))] or [rows["title"]]
    text = pa.nulls(len(rows), pa.string())
    for part in parts:
        clean = each_distinct(part, normalize, pa.string())
        # (Arrow's own join, told to skip nulls, loses the rows that hold nothing else.)
        text = pc.coalesce(pc.binary_join_element_wise(text, clean, ", "), text, clean)
    told = each_distinct(text, language, pa.string())
    made = {name: rows[name] for name in ("item_id", "title", "category", "image", "sensitive", *TIMES)}
    made["text"] = text
    made["language"] = pc.coalesce(rows["language"], told)
    if source.tags is None:
        made["tags"] = pa.nulls(len(rows), pa.list_(pa.string()))
    elif pa.types.is_list(rows["tags"].type):
        made["tags"] = rows["tags"]
    else:
        made["tags"] = each_distinct(
            rows["tags"], lambda tags: _tags(tags, source.tag_separator), pa.list_(pa.string())
        )
    return pa.table({field.name: made[field.name] for field in schema.ITEMS}).cast(schema.ITEMS)


def _tags(text: str, separator: str) -> list[str]:
    if text.startswith("["):
        try:
            return [str(tag) for tag in json.loads(text)]
        except json.JSONDecodeError:
            pass  # no JSON list after all: a text that begins with a bracket
    return [tag.strip() for tag in text.split(separator) if tag.strip()]
