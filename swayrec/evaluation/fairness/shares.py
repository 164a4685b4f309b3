"""Shares that groups of items have of something, each against the share that is due, by resampling users."""

from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap, Estimate
from swayrec.evaluation.fairness import pseudo_values
from swayrec.evaluation.fairness.against_the_rest import ratio
from swayrec.evaluation.fairness.contrasts import Contrast, Contrasts, Skipped
from swayrec.evaluation.fairness.groups import Groups
from swayrec.evaluation.fairness.multiplicity import one_family
from swayrec.evaluation.fairness.search import largest_due
from swayrec.evaluation.fairness.significance import one_sample


@dataclass(frozen=True)
class Parts:
    """Amounts by user and group: pairs ``user``, ``group`` int64[n] with ``amount`` float64[n], each pair once.

    ``evenness`` is sum of squares over the square of the sum of the single amounts: one over how many equal ones
    there would be.
    """

    user: np.ndarray
    group: np.ndarray
    amount: np.ndarray
    evenness: float

    @classmethod
    def of(cls, user: np.ndarray, item: np.ndarray, amount: np.ndarray, groups: Groups) -> "Parts":
        """The amounts of items, put together by their groups; items without a group are left out."""
        group = groups.member[item]
        told = group >= 0
        amount = np.asarray(amount, np.float64)[told]
        pairs, place = np.unique(user[told] * len(groups.names) + group[told], return_inverse=True)
        total = amount.sum()
        return cls(
            user=pairs // max(len(groups.names), 1),
            group=pairs % max(len(groups.names), 1),
            amount=np.bincount(place, amount, len(pairs)),
            evenness=float((amount**2).sum() / total**2) if total else 0.0,
        )

    def table(self, users: np.ndarray, groups: int) -> np.ndarray:
        """float64[users, groups], ``users`` ascending."""
        cell = np.searchsorted(users, self.user) * groups + self.group
        return np.bincount(cell, self.amount, len(users) * groups).reshape(len(users), groups)


def shares_against(got: Parts, due: Parts, groups: Groups, minimum: int, bootstrap: Bootstrap) -> Contrasts:
    """Each group's share of ``got`` against its share of ``due``, both of the same users."""
    size, users = len(groups.names), np.union1d(got.user, due.user)
    has, merits = got.table(users, size), due.table(users, size)
    if not has.sum() or not merits.sum():
        return _nothing(groups, minimum)
    samples = bootstrap.samples(np.concatenate([has, merits], axis=1), np.arange(len(users)))
    # Clipped: what all groups together have must not be 0 in a resample of few users.
    own = samples[:, :size] / np.maximum(samples[:, :size].sum(axis=1, keepdims=True), 1e-300)
    other = samples[:, size:] / np.maximum(samples[:, size:].sum(axis=1, keepdims=True), 1e-300)
    return _contrasts(
        (has, merits), (own, other), (has + merits > 0).sum(axis=0), (got, due), groups, minimum, bootstrap
    )


def shares_against_fixed(
    got: Parts, due: np.ndarray, groups: Groups, minimum: int, bootstrap: Bootstrap
) -> Contrasts:
    """Each group's share of ``got`` against a share float64[groups] that is known."""
    size, users = len(groups.names), np.unique(got.user)
    has = got.table(users, size)
    if not has.sum():
        return _nothing(groups, minimum)
    samples = bootstrap.samples(has, np.arange(len(users)))
    own = samples / np.maximum(samples.sum(axis=1, keepdims=True), 1e-300)
    # A group that was never shown has no user of its own; everybody could have been shown it.
    reach = np.full(size, len(users))
    return _contrasts(
        (has, due), (own, np.broadcast_to(due, own.shape)), reach, (got,), groups, minimum, bootstrap
    )


def _contrasts(
    amounts: tuple[np.ndarray, np.ndarray],
    samples: tuple[np.ndarray, np.ndarray],
    reach: np.ndarray,
    parts: tuple[Parts, ...],
    groups: Groups,
    minimum: int,
    bootstrap: Bootstrap,
) -> Contrasts:
    has, due = amounts
    fixed = due.ndim == 1
    a = has.sum(axis=0) / has.sum()
    b = due if fixed else due.sum(axis=0) / due.sum()
    own, other = samples
    kept = np.flatnonzero(reach >= minimum)
    middle = (a + b) / 2
    # Were the shares the same, single placements drawn one by one would spread at least so far.
    errors = np.sqrt(middle * (1 - middle) * sum(part.evenness for part in parts))
    found = []
    for group in kept:
        values = pseudo_values.ratio(has[:, group], has.sum(axis=1))
        values = values - (b[group] if fixed else pseudo_values.ratio(due[:, group], due.sum(axis=1)))
        level = float(b[group])
        found.append(
            Contrast(
                group=groups.names[group],
                users=int(reach[group]),
                value=bootstrap.estimate(float(a[group]), own[:, group]),
                other=Estimate(level, level, level) if fixed else bootstrap.estimate(level, other[:, group]),
                gap=bootstrap.estimate(float(a[group]) - level, own[:, group] - other[:, group]),
                ratio=bootstrap.estimate(*ratio(float(a[group]), own[:, group], level, other[:, group])),
                p=one_sample(values, float(errors[group])),
                adjusted=1.0,
            )
        )
    result = Contrasts(
        contrasts=tuple(found),
        skipped=tuple(
            Skipped(groups.names[group], int(reach[group]), len(has))
            for group in np.flatnonzero(reach < minimum)
        ),
        minimum=minimum,
        unknown=groups.unknown,
        largest=largest_due((a - b)[kept], own[:, kept] - other[:, kept], errors[kept], bootstrap)
        if len(kept)
        else None,
        mirrored=len(kept) == 2 and bool(np.isclose(b[kept].sum(), 1)) and bool(np.isclose(a[kept].sum(), 1)),
    )
    return one_family([result])[0]


def _nothing(groups: Groups, minimum: int) -> Contrasts:
    """Nobody was shown or wanted anything: every group is skipped."""
    return Contrasts(
        (), tuple(Skipped(name, 0, 0) for name in groups.names), minimum, groups.unknown, None, False
    )
