"""The items that a key concerns, from a second file: a coupon's products, a list's tracks."""

import uuid
from dataclasses import dataclass
from typing import Any

from swayrec.tables import columns
from swayrec.tables.reading import Raw, require
from swayrec.tables.scenario_sources import Join


@dataclass(frozen=True)
class Partners:
    """``items`` has key and item_id, each pair once; ``counts`` has key, partners and known_partners.

    A key is the join's columns as one text. ``partners`` counts all items of a key, ``known_partners`` (and
    ``items``) only those that are items at all.
    """

    items: Any
    counts: Any


def key(parts: list[Any]) -> Any:
    """The columns of a join as one text; null where one of them is missing."""
    first, *others = parts
    for other in others:
        first = first + "\x1f" + other
    return first


def partners(
    engine: Any, join: Join, item: str, raw: Raw, known_items: Any, field: str, scenario: str
) -> Partners:
    """The items of each key.

    Args:
        engine: an Ibis connection.
        join: the columns that make the key.
        item: the column of the second file with the item.
        raw: the second file.
        known_items: Ibis table with item_id; None = every id is an item.
        field: the scenario's field, for errors.
        scenario: the scenario file's name, for errors.

    Raises:
        InputError: the second file lacks a column.
    """
    require(raw, [*((f"{field}.on", name) for name in join.on), (field, item)], scenario)
    ids = columns.identifiers(raw, [*join.on, item])
    pairs = raw.table.select(key=key([ids[name] for name in join.on]), item_id=ids[item]).distinct()
    pairs = pairs.filter(pairs.key.notnull() & pairs.item_id.notnull())
    if known_items is None:
        pairs = pairs.mutate(is_item=True)
    else:
        pairs = pairs.left_join(known_items.mutate(is_item=True), "item_id").drop("item_id_right")
    pairs = engine.create_table(f"pairs_{uuid.uuid4().hex}", pairs, temp=True)
    counts = pairs.group_by("key").aggregate(partners=pairs.count(), known_partners=pairs.is_item.count())
    return Partners(pairs.filter(pairs.is_item.notnull()).select("key", "item_id"), counts)
