"""Whether a log holds enough to learn anything from."""

import numpy as np

from swayrec.tables.errors import InputError
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario


def enough(log: Log, scenario: Scenario) -> None:
    """Says what is missing, in the words of whoever brought the events.

    Raises:
        InputError: there is one user, one item, or one instant where a time split is asked for.
    """
    for count, what, more in (
        (len(np.unique(log.user)), "user", "users"),
        (len(np.unique(log.item)), "item", "items"),
    ):
        if count < 2:
            raise InputError(
                f"scenario {scenario.name}: the events have {count} {what}; influence is learned from "
                f"choices among several {more}, so bring events of at least 2"
            )
    if scenario.split.protocol == "time" and log.has_clock and log.time.min() == log.time.max():
        raise InputError(
            f"scenario {scenario.name}: all {len(log):,} events happen at one instant, so nothing comes after "
            "anything; mend the time column, or use split.protocol = 'published' for a log without order"
        )
