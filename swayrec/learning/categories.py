"""Which categories an item is in: one, or several written in one text, as in ``Action|Comedy``."""

from collections.abc import Iterable

from swayrec.tables.schema import BLANKS

SEPARATOR = "|"


def parts(category: str) -> tuple[str, ...]:
    """The single categories of an item's text, each once.

    >>> parts("Action | Comedy")
    ('Action', 'Comedy')
    """
    return tuple(dict.fromkeys(part for name in category.split(SEPARATOR) if (part := name.strip(BLANKS))))


def within(category: str, asked: Iterable[str]) -> bool:
    """Whether an item of ``category`` is in one of those asked for; one that joins several wants them all.

    >>> within("Action|Comedy", ["Drama", "Comedy"]), within("Action", ["Action|Comedy"])
    (True, False)
    """
    held = set(parts(category))
    return any(wanted and held.issuperset(wanted) for wanted in map(parts, asked))
