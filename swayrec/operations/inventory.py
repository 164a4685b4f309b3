"""What lies in a folder, so that it can be seen later whether somebody removed or changed any of it."""

from pathlib import Path

Inventory = dict[str, list[int]]
"""Relative path of a file -> its size in bytes and the time of its last change in nanoseconds."""


def inventory(place: Path) -> Inventory:
    """All files below a folder; a file is called "."."""
    files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    found = {str(path.relative_to(place)): path.stat() for path in files}
    return {name: [status.st_size, status.st_mtime_ns] for name, status in found.items()}


def is_unchanged(known: Inventory, place: Path) -> bool:
    """Whether all that is in the inventory lies there as it did; what came since does not count."""
    now = inventory(place)
    return all(now.get(name) == held for name, held in known.items())
