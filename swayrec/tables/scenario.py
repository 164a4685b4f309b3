"""The scenario: a TOML file that says what the raw data are and what is wanted of them."""

import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from swayrec.tables import objects
from swayrec.tables.errors import InputError
from swayrec.tables.extending import with_base
from swayrec.tables.scenario_learning import Influence, ModelShape, Network, Text
from swayrec.tables.scenario_monitoring import Monitoring
from swayrec.tables.scenario_part import Name, Part, Share
from swayrec.tables.scenario_policy import Policy, Retention
from swayrec.tables.scenario_search import SPACE, Searched
from swayrec.tables.scenario_sources import EventSource, ItemSource, UserSource
from swayrec.tables.scenario_split import Split


class Behavior(Part):
    """One kind of thing that a user does."""

    name: Name = Field(description="the behavior's name")
    target: bool = Field(False, description="whether a later event of this behavior is what we recommend for")
    hand: float = Field(
        1.0, description="the weight that a person would give it, fixed before any test score"
    )
    seen: bool | None = Field(
        None,
        description="whether it takes an item off the user's list; where no behavior says so and only what is new to "
        "the user is tested (`repeats` false, protocol time, last or random), all of them do",
    )
    words: dict[str, str] = Field(
        {}, description='how a reason calls it, by language: `{ en = "viewed", zh = "浏览过" }`'
    )


class Minimum(Part):
    """Counts below which an item or a user is counted and left out."""

    item_events: int = Field(
        0,
        ge=0,
        description="target events on an item before the training cut; 0 = every item stays. In what is served, "
        "items that were posted to the intake stay whatever their events",
    )
    user_events: int = Field(1, ge=1, description="events of a user before a cut, to be evaluated at it")


class Quality(Part):
    """How much bad input is borne."""

    most_bad: Share = Field(0.05, description="a larger share of quarantined rows in a source stops the run")


class Scenario(Part):
    """A whole scenario: what the raw data are, what is wanted of them, and how it is learned."""

    name: Name = Field(description="the scenario's name; it names folders and the registered model")
    title: str = Field(description="what people are shown")
    languages: tuple[Literal["en", "zh"], ...] = Field(("en",), description="languages of the texts")
    clock: Literal["wall", "log"] = Field(
        "wall", description="what `now` is when serving: the time of day, or the end of an archived log"
    )
    repeats: bool = Field(
        False,
        description="whether what a user takes next may stand in the user's past already (bought again, or viewed "
        "before); false = only what is new to the user is learned and tested",
    )
    events: tuple[EventSource, ...] = Field(min_length=1, description="the raw events")
    items: ItemSource | None = Field(None, description="the raw items")
    users: UserSource | None = Field(None, description="the raw users")
    behaviors: tuple[Behavior, ...] = Field(min_length=1, description="all behaviors")
    minimum: Minimum = Field(Minimum(), description="minimum counts")
    quality: Quality = Field(Quality(), description="how much bad input is borne")
    split: Split = Field(description="train, validation and test")
    influence: Influence = Field(description="what is learned")
    text: Text | None = Field(None, description="the language model; absent = no text is used")
    network: Network | None = Field(None, description="intent and network; absent = the closed form alone")
    model: ModelShape = Field(ModelShape(), description="how much the exported model takes in and gives out")
    policy: Policy = Field(Policy(), description="the rules after ranking; a change holds without a training")
    retention: Retention = Field(Retention(), description="how long what serving keeps is kept")
    monitoring: Monitoring = Field(Monitoring(), description="what is watched, and what is done about it")

    search: tuple[Searched, ...] = Field(
        SPACE,
        description="what `swayrec tune` varies; absent = shrink, EASE's penalty, neighbors and repeat weeks",
    )

    @model_validator(mode="after")
    def _sources_differ(self) -> Self:
        taken = ["items", "users"]
        for source in self.events:
            if source.name in taken:
                raise ValueError(
                    f"two sources are called {source.name} (items and users are names of their own); rename one"
                )
            taken.append(source.name)
        return self

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

    @model_validator(mode="after")
    def _listed_agree(self) -> Self:
        protocol, kind = self.split.protocol, self.influence.choices.kind
        if protocol != kind and {protocol, kind} & {"rolling", "shown"}:
            raise ValueError(
                f"split.protocol is {protocol} and influence.choices.kind is {kind}; rolling and shown say what the "
                "candidates are, in training as in tests: give both the same"
            )
        if self.listed and self.network is not None and self.network.recommender != "none":
            raise ValueError(
                f"protocol {protocol} ranks given candidates, and a network ranks the whole catalogue: give "
                "network.recommender = 'none'"
            )
        if protocol == "rolling" and self.minimum.item_events:
            raise ValueError(
                "minimum.item_events counts events before a cut, and with protocol rolling items come after it; "
                "leave it at 0"
            )
        if self.influence.choices.each_instant and kind not in ("next", "rolling"):
            raise ValueError(
                f"influence.choices.each_instant is for kind 'next', whose choices have instants of their own; leave "
                f"it out with kind {kind!r}"
            )
        shown = self.split.shown
        if shown is not None and (shown not in self.behavior_names or shown in self.targets):
            raise ValueError(f"split.shown is {shown}; name a behavior that is listed and is no target")
        return self

    def with_choices(self, **settings: Any) -> "Scenario":
        """This one with other settings of its choices."""
        choices = self.influence.choices.model_copy(update=settings)
        return self.model_copy(update={"influence": self.influence.model_copy(update={"choices": choices})})

    @property
    def listed(self) -> bool:
        """Whether choices and cases bring their own candidates."""
        return self.split.protocol in ("rolling", "shown")

    @property
    def each_instant(self) -> bool:
        """Whether choices and cases count everyone's events as they stood at their own instants."""
        return self.split.protocol == "rolling" or self.influence.choices.each_instant

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
        told = any(behavior.seen is not None for behavior in self.behaviors)
        if not told and not self.repeats and self.split.protocol in ("time", "last", "random"):
            # What was touched can never be the answer there: to list it would waste the place.
            return self.behavior_names
        return tuple(behavior.name for behavior in self.behaviors if behavior.seen)

    @property
    def groups(self) -> tuple[str, ...]:
        """The group attributes of users."""
        return self.users.groups if self.users else ()


_REMEDIES = {
    "tuple_type": "it must be a list: [ ... ], or a table in double brackets: [[ ... ]]",
    "model_type": "it must be a table: { ... }, or a header in brackets: [ ... ]",
    "string_type": "it must be text in quotes",
    "string_pattern_mismatch": "it must be made of the letters a-z, digits and _, and begin with a letter",
    "finite_number": "it must be a finite number",
}
"""What a person is told in the place of pydantic's words for Python."""


def load(place: Path | str) -> Scenario:
    """Reads a scenario file, on top of the one that it extends; ``s3://BUCKET/KEY`` is brought here.

    Raises:
        InputError: the file is missing, is no TOML, or a field is wrong: names file, field and value.
    """
    return parse(with_base(place, read), str(place))


def read(place: Path | str) -> dict[str, Any]:
    """A scenario file's parsed TOML, and nothing of a file that it extends.

    Raises:
        InputError: the file is missing or is no TOML.
    """
    path = objects.at_hand(place)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such scenario file; give the path of a .toml file") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; give the path of a scenario's .toml file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the scenario as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: this is not TOML ({error}); mend that line") from None


def parse(raw: dict[str, Any], name: str) -> Scenario:
    """A scenario from its parsed TOML; ``name`` is the file that errors speak of.

    Raises:
        InputError: a field is wrong: names file, field and value.
    """
    try:
        return Scenario.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = _REMEDIES.get(first["type"], first["msg"].removeprefix("Value error, "))
        if not field:
            raise InputError(f"{name}: {message}") from None
        if first["type"] == "extra_forbidden":
            raise InputError(f"{name}: field {field} is not known; remove it or mend its name") from None
        if first["type"] == "missing":
            raise InputError(f"{name}: field {field} is missing; add it") from None
        value = "" if isinstance(first["input"], dict) else f" has the value {first['input']!r}:"
        raise InputError(f"{name}: field {field}{value or ':'} {message}") from None
