"""The space that hyper-parameters are searched in, as a scenario declares it."""

from typing import Any, Self

from pydantic import Field, model_validator

from swayrec.tables.scenario_part import Part


class Searched(Part):
    """A field that `swayrec tune` varies: between two numbers, or among choices."""

    field: str = Field(
        description="the field by its tables: `influence.shrink`, `influence.choices.candidates`; a number names an "
        "entry of a list: `influence.forms.0.kernels.1.half_lives`"
    )
    low: float | None = Field(None, description="the least value")
    high: float | None = Field(None, description="the greatest value")
    log: bool = Field(False, description="whether equal ratios count alike, not equal differences")
    whole: bool = Field(False, description="whether it is a whole number")
    choices: tuple[Any, ...] = Field(
        (), description="the values to choose among, in the place of low and high"
    )

    @model_validator(mode="after")
    def _either_or(self) -> Self:
        if bool(self.choices) == (self.low is not None and self.high is not None):
            raise ValueError("give low and high, or choices")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError("low must lie below high")
        if self.log and not (self.low or 0) > 0:
            raise ValueError("with log, low must lie above 0")
        return self


SPACE = (
    Searched(field="influence.shrink", low=0.02, high=5.0, log=True),
    Searched(field="influence.ease_ridge", low=20.0, high=2000.0, log=True),
    Searched(field="influence.neighbors", low=20, high=300, log=True, whole=True),
    Searched(field="influence.repeat_weeks", low=2, high=52, log=True, whole=True),
)
"""What is searched where a scenario says nothing: the numbers that every one has."""
