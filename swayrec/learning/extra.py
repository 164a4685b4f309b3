"""Libraries that only some of the method needs, which come with an extra."""

import importlib.util


def missing(library: str) -> str | None:
    """Why what needs a library cannot run here; None where it is installed."""
    if importlib.util.find_spec(library) is not None:
        return None
    return f"the library {library} is not installed; install swayrec with its extra bench"
