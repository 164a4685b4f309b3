"""The online store's engine does not answer: said without the ids that its own words may hold."""

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


class StoreDown(Exception):  # noqa: N818 - a state of the store, as serving speaks of it
    """The online store does not answer; the message says why."""


def answered(question: Callable[[], Answer]) -> Answer:
    """What the question returns.

    Raises:
        StoreDown: it raised anything.
    """
    try:
        return question()
    except StoreDown:
        raise
    # Whatever Feast and its engines raise: all of it means that there is no answer.
    except Exception as error:
        raise StoreDown(told(error)) from error


def told(error: Exception) -> str:
    """The error in a line. Redis repeats the command that failed, with its keys, which are users and items."""
    return f"{type(error).__name__}: {str(error).rpartition(' of pipeline caused error: ')[2]}"
