"""A window against what is usual: the change, how sure it is over users, and how far usual windows stray."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from swayrec.operations.monitoring.baseline import Usual
from swayrec.operations.monitoring.measures import Measure, shares
from swayrec.operations.monitoring.result import Moved, Part, Result, Way
from swayrec.operations.monitoring.tally import Counts

DRAWS = 400
"""Resamples of the users: Poisson weights, one a group of users and draw."""

SHOWN = 5
"""Labels that a part names, at most: those that moved most."""

Level = Callable[[np.ndarray], np.ndarray]
"""float64[parts] of float64[labels]."""


@dataclass(frozen=True)
class Seen:
    """Families side by side: float64[G, L] now, float64[K, L] by usual window, float64[G, L] a usual window's mean.

    ``of`` names the families, ``labels`` their labels, ``widths`` how many each has.
    """

    of: tuple[str, ...]
    labels: tuple[str, ...]
    widths: tuple[int, ...]
    now: np.ndarray
    by_window: np.ndarray
    by_group: np.ndarray

    @classmethod
    def of_families(
        cls, names: Sequence[str], now: Mapping[str, Counts], usual: Mapping[str, Usual]
    ) -> "Seen | None":
        """Those of the named families that both sides have; None = there is none."""
        names = [name for name in names if name in now and name in usual]
        if not names:
            return None
        return cls(
            tuple(names),
            tuple(label for name in names for label in usual[name].labels),
            tuple(len(usual[name].labels) for name in names),
            np.concatenate([now[name].sums.sum(0) for name in names], 1),
            np.concatenate([usual[name].by_window for name in names], 1),
            np.concatenate([usual[name].by_group for name in names], 1),
        )


def compared(
    check: str,
    seen: Seen,
    measure: Measure,
    sample: Mapping[str, int],
    *,
    way: Way = "up",
    parts: Sequence[str] = (),
    level: Level | None = None,
    seed: int = 0,
) -> Result:
    """What a measure says of a window.

    Args:
        check: its name.
        seen: the families.
        measure: how far each part moved.
        sample: how many events and users there were.
        way: whether only a rise counts, or a fall too.
        parts: names of the measure's parts; () = they are the families.
        level: what each part was and is, to tell people; None = the shares of the labels that moved most.
        seed: of the resamples.
    """
    now, usual = seen.now.sum(0), seen.by_group.sum(0)
    changes = measure(now, usual)
    stray = [measure(row, rest) for row, rest in _each_against_others(seen.by_window)]
    # A user is in the same group then and now, so the two are resampled together. Should another version of the
    # engine hash users otherwise, this is as good as resampling them apart.
    times = np.random.default_rng(seed).poisson(1.0, (DRAWS, len(seen.now))).astype(np.float64)
    drawn = measure(times @ seen.now, times @ seen.by_group)
    names = parts or seen.of
    found = []
    for place, name in enumerate(names):
        if level is None:
            moved = _moved(seen, place, now, usual)
        else:
            moved = [Moved(name, float(level(usual)[place]), float(level(now)[place]))]
        found.append(
            Part.drawn(
                name, float(changes[place]), drawn[:, place], [float(row[place]) for row in stray], moved
            )
        )
    return Result(check, tuple(found), way, sample)


def alone(
    check: str, counts: Counts, level: Level, sample: Mapping[str, int], reference: str, *, seed: int = 0
) -> Result:
    """A number of the window by itself, which is 0 where all is well.

    Args:
        check: its name.
        counts: of one family.
        level: float64[..., 1] of float64[..., labels].
        sample: what was looked at.
        reference: what 0 means, for people.
        seed: of the resamples.
    """
    now = counts.sums.sum(0)
    times = np.random.default_rng(seed).poisson(1.0, (DRAWS, len(now))).astype(np.float64)
    value = float(level(now.sum(0))[0])
    part = Part.drawn(check, value, level(times @ now)[:, 0], moved=[Moved(check, 0.0, value)])
    return Result(check, (part,), "up", sample, reference)


def _each_against_others(by_window: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    count = len(by_window)
    if count < 2:
        return []
    total = by_window.sum(0)
    return [(row, (total - row) / (count - 1)) for row in by_window]


def _moved(seen: Seen, family: int, now: np.ndarray, usual: np.ndarray) -> list[Moved]:
    """The labels of a family whose shares moved most."""
    edges = np.cumsum([0, *seen.widths])
    span = slice(edges[family], edges[family + 1])
    here, then = shares(now[span]), shares(usual[span])
    order = np.argsort(-np.abs(here - then), kind="stable")[:SHOWN]
    return [
        Moved(seen.labels[span][place], float(then[place]), float(here[place]))
        for place in order
        if here[place] != then[place]
    ]
