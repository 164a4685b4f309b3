"""What a user's own past takes off the list."""

from collections.abc import Collection, Mapping, Sequence


def seen(history: Mapping[str, Sequence], behaviors: Collection[str]) -> list[str]:
    """The items that a user's past takes off the list, each once, newest first.

    Args:
        history: parallel lists ``item`` and ``behavior``, newest first; an empty mapping = no past.
        behaviors: the behaviors that take an item off (``seen`` of the scenario).

    >>> seen({"item": ["b", "a", "b"], "behavior": ["buy", "view", "buy"]}, {"buy"})
    ['b']
    """
    rows = zip(history.get("item", ()), history.get("behavior", ()), strict=True)
    return list(dict.fromkeys(item for item, behavior in rows if behavior in behaviors))
