"""What every part of a scenario shares: strictness, and the kinds of value that recur."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Separator = Annotated[str, Field(min_length=1, max_length=1)]


class Part(BaseModel):
    """A part of a scenario: unknown fields and infinite numbers are refused, values do not change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def not_negative(values: tuple[float, ...]) -> tuple[float, ...]:
    """The values, if none lies below zero; a part's validator calls it for a list of numbers."""
    if any(value < 0 for value in values):
        raise ValueError("no value may be negative")
    return values
