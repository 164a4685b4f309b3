"""The influence of each behavior, learned from a window's own choices in the form that the champion has."""

import numpy as np

from swayrec.learning.behavior_influence import directions
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import Level
from swayrec.learning.influence import Solution, fit
from swayrec.learning.layout import Layout
from swayrec.learning.rows import sums
from swayrec.operations.monitoring.learned_influence import LearnedInfluence
from swayrec.operations.monitoring.result import Moved, Part, Result
from swayrec.operations.monitoring.window import Window
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

MOST = 2_000
"""Choices of a window that are learned from, at most; drawn with a fixed seed."""

FEWEST = 50
"""Choices below which nothing is learned."""


def influence(
    scenario: Scenario,
    log: Log,
    catalogue: Catalogue,
    layout: Layout,
    champion: LearnedInfluence,
    window: Window,
) -> Result | None:
    """How far each behavior's influence moved, in shares of the champion's largest.

    Both are the same sums of weights (the champion's average event), each with an interval clustered by user.

    Args:
        scenario: how choices are made; the champion's form and ridge are used.
        log: all events before the window's end.
        catalogue: of its items.
        layout: the champion's columns.
        champion: its weights.
        window: whose choices count.

    Returns:
        None where the window has too few choices, or the champion's columns have no weight at all.
    """
    asked = _of_window(scenario, window)

    def chosen(level: Level) -> np.ndarray:
        within = np.flatnonzero(level.times >= window.start)
        return np.sort(np.random.default_rng(0).permutation(within)[:MOST])

    try:
        collected = sums(log, window.end, asked, layout, catalogue, choose=chosen)
    except ValueError:
        return None
    if collected.choices < FEWEST:
        return None
    form = next(each for each in scenario.influence.forms if each.name == champion.form)
    hand = [behavior.hand for behavior in scenario.behaviors]
    found = fit(
        collected.groups,
        layout.selected(form),
        layout.sharing(hand),
        champion.ridge,
        scenario.influence.shrink,
    )
    return _compared(layout, champion, found, collected.choices)


def _compared(layout: Layout, champion: LearnedInfluence, found: Solution, choices: int) -> Result | None:
    before = Solution(champion.w, champion.covariance)
    parts = []
    ways = directions(layout, champion.total)
    scale = max((abs(before.interval(way)[0]) for way in ways), default=0.0)
    if scale == 0:
        return None
    for behavior, way in zip(layout.behaviors, ways, strict=True):
        now, then = found.interval(way)[0] / scale, before.interval(way)[0] / scale
        covariance = found.covariance + before.covariance
        error = float(np.sqrt(max(way @ covariance @ way, 0.0))) / scale
        change = now - then
        moved = (Moved(behavior, then, now),)
        parts.append(
            Part(behavior, change, change, change - 1.96 * error, change + 1.96 * error, error, (), moved)
        )
    return Result("influence", tuple(parts), "both", {"choices": choices}, "the champion's own influence")


def _of_window(scenario: Scenario, window: Window) -> Scenario:
    """The scenario with no more levels of choices than the window holds."""
    choices = scenario.influence.choices
    levels = max(1, int(window.days // choices.window_days)) if choices.kind == "window" else choices.levels
    return scenario.with_choices(levels=min(levels, choices.levels))
