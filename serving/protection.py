"""How a serving process is protected: settings that `swayrec serve` hands to its processes in the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from serving.admission import Admission
from serving.tokens import Tokens

TOKENS = "SWAYREC_TOKENS"
OPEN_READING = "SWAYREC_OPEN_READING"


@dataclass(frozen=True)
class Protection:
    """By default everyone may do everything, which is for loopback.

    Args:
        tokens: the file of `serving.tokens`; None = no token is asked for.
        open_reading: whether questions are answered without a token all the same.
    """

    tokens: Path | None = None
    open_reading: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings in an environment."""
        tokens = environment.get(TOKENS)
        return cls(
            tokens=Path(tokens) if tokens else None, open_reading=environment.get(OPEN_READING, "") == "1"
        )

    def environment(self) -> dict[str, str]:
        """The variables for a process that is to be protected so; what is not set is ''."""
        return {
            TOKENS: str(self.tokens.resolve()) if self.tokens else "",
            OPEN_READING: "1" if self.open_reading else "",
        }

    def admission(self) -> Admission:
        """What decides on requests.

        Raises:
            InputError: a setting or the file of tokens is wrong.
        """
        return Admission(
            tokens=Tokens(self.tokens) if self.tokens else None,
            open_to_all=frozenset({"read"}) if self.open_reading else frozenset(),
        )


NONE = Protection()
"""For loopback."""
