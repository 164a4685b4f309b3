"""The parts of a scenario that describe the rules after ranking, and how long what was served is kept."""

from typing import Literal, Self

from pydantic import Field, model_validator

from swayrec.tables.scenario_part import Name, Part, Share


class Sensitive(Part):
    """What becomes of items that carry a label in their `sensitive` column."""

    label: str = Field(min_length=1, description="the label, as the item's `sensitive` says it")
    action: Literal["filter", "demote"] = Field(
        "filter", description="filter = never shown; demote = put further down"
    )
    places: int = Field(10, ge=1, description="demote: by how many places")


class Floor(Part):
    """A share of the places that a group of items gets, as far as the model ranks any of it."""

    name: Name = Field(description="what an answer calls the rule: `floor:name`")
    share: Share = Field(
        description="of the first n places, for every n, this share is the group's, rounded down"
    )
    tags: tuple[str, ...] = Field((), description="the group: items with any of these tags")
    categories: tuple[str, ...] = Field((), description="the group: items in any of these categories")
    languages: tuple[str, ...] = Field((), description="the group: items in any of these languages")
    newer_than_days: float | None = Field(
        None, gt=0, description="the group: items whose `created_at` lies within these days before now"
    )

    @model_validator(mode="after")
    def _one_group(self) -> Self:
        ways = (self.tags, self.categories, self.languages, self.newer_than_days)
        if sum(bool(way) for way in ways) != 1:
            raise ValueError(
                "give one of tags, categories, languages and newer_than_days: whom the floor is for"
            )
        return self


class Policy(Part):
    """The rules after ranking. Each that changed an answer is named in it. Seen items are a behavior's `seen`."""

    available: bool = Field(
        True, description="whether only items are shown whose `available_from` and `available_until` hold now"
    )
    category_cap: int | None = Field(
        None,
        ge=1,
        le=10,
        description="items of one category among any ten places in a row, at most; not for questions that "
        "name categories or candidates; absent = any number",
    )
    sensitive: tuple[Sensitive, ...] = Field((), description="what becomes of labeled items")
    floors: tuple[Floor, ...] = Field((), description="groups that get a share of the places")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for kind, names in (
            ("sensitive", [rule.label for rule in self.sensitive]),
            ("floors", [rule.name for rule in self.floors]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind} names {', '.join(twice)} twice")
        if sum(floor.share for floor in self.floors) > 1:
            raise ValueError("the shares of floors sum to more than 1")
        return self


class Retention(Part):
    """How long the intake's log and the exposures are kept; what is older is removed, once an hour."""

    events_days: float | None = Field(
        None, gt=0, description="posted events older than this go; absent = all stay"
    )
    exposures_days: float | None = Field(
        None, gt=0, description="exposures older than this go; absent = all stay"
    )
