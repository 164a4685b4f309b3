"""The parts of a scenario that describe raw files: events, items, users, and which column is what."""

import zoneinfo
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from swayrec.tables.scenario_part import Name, Part, Separator

SEPARATOR = (
    "the character between two columns of a text file, whatever its ending; absent = told by the ending"
)


class Rule(Part):
    """One line of a list of rules that name a row's behavior; the first that holds decides."""

    behavior: Name = Field(description="the behavior that such a row shows")
    when: str | None = Field(None, description="an SQL condition over the file's columns; absent = always")


class Join(Part):
    """A second file that says which items a row concerns (a coupon's products, a list's tracks)."""

    path: str = Field(description="the file to join")
    separator: Separator | None = Field(None, description=SEPARATOR)
    on: tuple[str, ...] = Field(min_length=1, description="columns of both files that must be equal")
    maximum: int | None = Field(
        None, ge=1, description="rows whose key has this many partners or more are counted and left out"
    )


class Beside(Part):
    """A second file whose columns are laid beside each row, where every other field may name them."""

    path: str = Field(description="the file")
    separator: Separator | None = Field(None, description=SEPARATOR)
    on: tuple[str, ...] = Field(
        min_length=1, description="columns of both files that must be equal; at most one row of the file each"
    )


class EventSource(Part):
    """A raw file of events and which of its columns is what."""

    name: Name = Field(description="the source's name; it stands in the events' `source` column")
    path: str = Field(description="CSV, Parquet or JSON Lines, .gz or not; see [paths](#paths)")
    separator: Separator | None = Field(None, description=SEPARATOR)
    user: str = Field(description="the column with the user's id")
    item: str = Field(description="the column with the item's id")
    behavior: str | None = Field(None, description="the column whose values are names of behaviors")
    behavior_is: Name | None = Field(None, description="the one behavior that every row shows")
    behavior_rules: tuple[Rule, ...] = Field((), description="rules that name a row's behavior, first match")
    time: str | None = Field(None, description="the column with the time; absent = no clock")
    time_unit: Literal["text", "s", "ms", "us"] = Field(
        "text", description="text = a timestamp column or ISO 8601 text; else numbers since the epoch"
    )
    time_zone: str = Field("UTC", description="the zone of times that name none")
    order: str | None = Field(None, description="the column that orders a user's events; absent = by time")
    ties: Literal["together", "rows"] = Field(
        "together",
        description="what a user's events of one time are: together = one instant, a basket, of which nothing is known "
        "while any of it is foretold; rows = instants in the order of the file's rows, as where a clock is coarser "
        "than what people do",
    )
    event_id: str | None = Field(None, description="the column with the event's id; absent = a stable hash")
    value: str | None = Field(None, description="a number that goes with the event: rating, seconds, price")
    text: str | None = Field(None, description="the user's own words: comment, query")
    session: str | None = Field(None, description="the column with the session or basket")
    request: str | None = Field(None, description="the column with the id of the answer that showed the item")
    where: str | None = Field(
        None, description="an SQL condition; rows that fail it are counted and left out"
    )
    beside: Beside | None = Field(
        None,
        description="a second file with more columns of a row (when a campaign starts), read first of all",
    )
    join: Join | None = Field(None, description="a second file that says which items a row concerns")
    once_per_session: bool = Field(
        False, description="one event a session and item, of the rule that stands first; values are summed"
    )
    left_out: str | None = Field(None, description="a reason: all rows are counted and left out")

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            zoneinfo.ZoneInfo(name)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            raise ValueError("there is no such time zone; name one like Europe/Berlin") from None
        return name

    @model_validator(mode="after")
    def _one_way_to_name_the_behavior(self) -> Self:
        ways = (self.behavior, self.behavior_is, self.behavior_rules)
        if self.left_out is None and sum(bool(way) for way in ways) != 1:
            raise ValueError("give exactly one of behavior, behavior_is and behavior_rules")
        if self.ties == "rows" and (self.order or not self.time):
            raise ValueError(
                "ties = 'rows' tells apart events of one time; give time and no order, or leave it out"
            )
        if self.once_per_session and not self.session:
            raise ValueError("once_per_session needs a session column")
        return self


class ItemSource(Part):
    """The raw file of items; absent = the items are those that the events name."""

    path: str = Field(description="CSV, Parquet or JSON Lines, .gz or not")
    separator: Separator | None = Field(None, description=SEPARATOR)
    item: str = Field(description="the column with the item's id")
    title: str | None = Field(None, description="the column that people are shown")
    text: tuple[str, ...] = Field((), description="columns that together are the item's text")
    category: str | None = Field(None, description="the column that items are filtered by")
    tags: str | None = Field(None, description="the column with tags")
    tag_separator: str = Field("|", description="what stands between two tags")
    language: str | None = Field(
        None, description="the column with the language; absent = told from the text"
    )
    image: str | None = Field(None, description="the column with the image's address")
    created_at: str | None = Field(
        None,
        description="the column with the time the item was made; protocol rolling knows its text from then on",
    )
    sensitive: str | None = Field(None, description="the column with a label that policy may act on")
    available_from: str | None = Field(None, description="the column with the first instant it may be shown")
    available_until: str | None = Field(None, description="the column with the last instant it may be shown")


class UserSource(Part):
    """The raw file of users, for fairness only: its attributes are never a model input."""

    path: str = Field(description="CSV, Parquet or JSON Lines, .gz or not")
    separator: Separator | None = Field(None, description=SEPARATOR)
    user: str = Field(description="the column with the user's id")
    groups: tuple[str, ...] = Field(description="the columns that make groups of users")
