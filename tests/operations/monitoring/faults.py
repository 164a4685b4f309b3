"""Faults that are planted in the last week of a log."""

import numpy as np

from tests.operations.monitoring import world


def last_week(columns: dict[str, np.ndarray], count: int = 1) -> np.ndarray:
    """Which events are in the last week, or in so many."""
    weeks = np.ceil((columns["time"].max() - world.START) / world.WEEK)
    return columns["time"] >= world.START + (weeks - count) * world.WEEK


def logged_twice(columns: dict[str, np.ndarray], later: float = 0.0) -> dict[str, np.ndarray]:
    """Every view of the week once more, so many seconds later."""
    again = last_week(columns) & (columns["behavior"] == 0)
    copies = {name: values[again] for name, values in columns.items()}
    copies["time"] = copies["time"] + later
    return {name: np.concatenate([values, copies[name]]) for name, values in columns.items()}


def unit_changed(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Purchases of the week in cents."""
    cents = last_week(columns) & (columns["behavior"] == 2)
    return {**columns, "value": np.where(cents, columns["value"] * 100, columns["value"])}


def language_lost(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """No event of the week on an item with a Chinese text."""
    kept = ~(last_week(columns) & (columns["item"] % 2 == 0))
    return {name: values[kept] for name, values in columns.items()}


def clock_skewed(columns: dict[str, np.ndarray], hours: float = 8.0) -> dict[str, np.ndarray]:
    """The clock of the week's collector shows another zone's time."""
    return {**columns, "time": np.where(last_week(columns), columns["time"] - hours * 3600, columns["time"])}


def popularity_turned(
    columns: dict[str, np.ndarray], share: float = 0.5, weeks: int = 1
) -> dict[str, np.ndarray]:
    """Half of the week's events, or those of so many, are on what was least popular."""
    turned = last_week(columns, weeks) & (np.random.default_rng(5).random(len(columns["time"])) < share)
    return {**columns, "item": np.where(turned, world.ITEMS - 1 - columns["item"] % 20, columns["item"])}


FAULTS = {
    "behavior logged twice": (logged_twice, {"duplicates"}),
    "behavior logged again a second later": (lambda c: logged_twice(c, 1.0), {"rates", "behaviors", "gaps"}),
    "unit changed": (unit_changed, {"units", "values"}),
    "language lost": (language_lost, {"languages"}),
    "clock skewed": (clock_skewed, {"hours"}),
    "popularity turned": (popularity_turned, {"popularity"}),
}
"""By name: how it is planted, and the checks that must find it."""
