"""A pipeline step as it tells of itself: lines for a cluster's log, which a local run reads too."""

import contextlib
from collections.abc import Callable, Iterator

from swayrec.operations import tether
from swayrec.tables.errors import InputError, of_the_machine

MARK = "[swayrec]"
"""What a step's own lines begin with, to be told from what libraries print."""

ERROR = "error: "


@contextlib.contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """The frame of a component's body: yields ``say``, which prints a line of progress under the step's name.

    An :class:`InputError`, or what a disk refuses, becomes such a line too before it ends the step, so that
    whoever started the pipeline can show the sentence instead of the traceback.
    """

    def say(text: str) -> None:
        print(f"{MARK} {name}: {' '.join(text.split())}", flush=True)

    tether.hold()
    try:
        yield say
    except InputError as error:
        say(ERROR + str(error))
        raise
    except OSError as error:
        if said := of_the_machine(error):
            say(ERROR + said)
        raise
