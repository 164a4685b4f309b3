"""Every group of users against all other users, from one value a user."""

from collections.abc import Callable

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness.contrasts import Contrast, Contrasts, Skipped
from swayrec.evaluation.fairness.groups import Groups
from swayrec.evaluation.fairness.multiplicity import one_family
from swayrec.evaluation.fairness.search import largest_between
from swayrec.evaluation.fairness.significance import least_error, two_sample

MINIMUM = 30
"""Users of a group, and of its rest, below which means are too far from normal to be compared."""

Values = Callable[[np.ndarray], np.ndarray]
"""From some users int64[m] to one value each, float64[m], whose mean is the number of these users together."""


def against_the_rest(
    users: np.ndarray, groups: Groups, values: Values, minimum: int, bootstrap: Bootstrap
) -> Contrasts:
    """Every group's number against that of all others whose group is known, small groups' users among them.

    Intervals resample users (the same resamples for all groups), p-values are of
    :func:`swayrec.evaluation.fairness.significance.two_sample`, adjusted by Holm.

    Args:
        users: int[m], the users that have a value, each once.
        groups: of all users.
        values: makes the values of the users of one side. A number that is no mean over users gives
            pseudo-values, whose mean it is (Tukey, 1958).
        minimum: users of a group and of its rest, at least 2.
        bootstrap: the resamples.

    Raises:
        ValueError: the minimum is below 2.
    """
    if minimum < 2:
        raise ValueError(f"minimum is {minimum}; a group has a spread from 2 users on")
    member = groups.member[users]
    known, member = users[member >= 0], member[member >= 0]
    size = np.bincount(member, minlength=len(groups.names))
    fits = (size >= minimum) & (len(known) - size >= minimum)
    kept = np.flatnonzero(fits)
    columns, sides = [], []
    for group in kept:
        of = member == group
        inside, outside = values(known[of]), values(known[~of])
        sides.append((inside, outside))
        column = np.zeros((len(known), 3))
        column[of, 0], column[of, 1], column[~of, 2] = 1.0, inside, outside
        columns.append(column)
    found: list[Contrast] = []
    search = None
    if columns:
        samples = bootstrap.samples(np.concatenate(columns, axis=1), np.arange(len(known)))
        means = np.array([[inside.mean(), outside.mean()] for inside, outside in sides])
        share = samples[:, 0::3]
        # A resample without anybody on one side says nothing of it: it stays where it is.
        own = np.where(share > 0, samples[:, 1::3] / np.where(share > 0, share, 1), means[:, 0])
        rest = np.where(share < 1, samples[:, 2::3] / np.where(share < 1, 1 - share, 1), means[:, 1])
        for place, (group, (inside, outside)) in enumerate(zip(kept, sides, strict=True)):
            a, b = means[place].tolist()
            found.append(
                Contrast(
                    group=groups.names[group],
                    users=int(size[group]),
                    value=bootstrap.estimate(a, own[:, place]),
                    other=bootstrap.estimate(b, rest[:, place]),
                    gap=bootstrap.estimate(a - b, own[:, place] - rest[:, place]),
                    ratio=bootstrap.estimate(*ratio(a, own[:, place], b, rest[:, place])),
                    p=two_sample(inside, outside),
                    adjusted=1.0,
                )
            )
        if len(kept) > 1:
            errors = np.array([least_error(inside, outside) for inside, outside in sides])
            search = largest_between(means[:, 0], own, errors, bootstrap)
    result = Contrasts(
        contrasts=tuple(found),
        skipped=tuple(
            Skipped(groups.names[group], int(size[group]), int(len(known) - size[group]))
            for group in np.flatnonzero(~fits)
        ),
        minimum=minimum,
        unknown=len(users) - len(known),
        largest=search,
        mirrored=len(kept) == 2 and int(size[kept].sum()) == len(known),
    )
    return one_family([result])[0]


def ratio(a: float, own: np.ndarray, b: float, other: np.ndarray) -> tuple[float, np.ndarray]:
    """a / b and own / other of the resamples; NaN where below is nothing."""
    below = np.where(np.abs(other) > 0, other, np.nan)
    return (a / b if b else float("nan")), own / below
