"""The part of a scenario that says what is held out, and what the candidates of a question are."""

from typing import Literal, Self

from pydantic import Field, model_validator

from swayrec.tables.scenario_part import Name, Part, Share


class Split(Part):
    """Which part of the log is trained on, chosen on and tested on, once."""

    protocol: Literal["time", "last", "random", "published", "rolling", "shown"] = Field(
        description="time = two cuts of all events; last = each user's last target; random = a part of each user's "
        "targets, by lot; published = a given test file; rolling = each first event on an item at its own instant, "
        "among what is alive then; shown = lists that were shown, what was taken of each"
    )
    cuts: tuple[Share, Share] = Field(
        (0.8, 0.9),
        description="time and rolling: shares of target events before validation and test; random: of each user's "
        "targets; shown: shares of the users before them, by a hash of their ids",
    )
    rounds: int = Field(
        1,
        ge=1,
        description="last: how many of each user's newest targets are held out one after the other, each with all that "
        "follows it; a benchmark fits anew for each and pools the cases, a training is tested on the newest",
    )
    horizon_days: float | None = Field(
        None, gt=0, description="time: truth is what happens within these days"
    )
    alive_days: float = Field(
        7.0, gt=0, description="rolling: an item is alive where its first event lies within so many days"
    )
    shown: Name | None = Field(
        None,
        description="shown: the behavior that means displayed and not taken; a list shares user and order",
    )
    test: str | None = Field(None, description="published: the file with the held-out pairs")
    test_user: str = Field("user_id", description="published: the test file's column with the user")
    test_item: str = Field("item_id", description="published: the test file's column with the item")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.protocol == "published" and not self.test:
            raise ValueError("protocol published needs test, the file with the held-out pairs")
        if self.protocol == "shown" and not self.shown:
            raise ValueError("protocol shown needs shown, the behavior that means displayed and not taken")
        if self.rounds > 1 and self.protocol != "last":
            raise ValueError(
                f"rounds are for protocol last, and protocol is {self.protocol}; leave rounds out"
            )
        if self.cuts[0] >= self.cuts[1]:
            raise ValueError("the first of cuts must lie below the second")
        return self
