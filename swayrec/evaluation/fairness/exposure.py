"""Exposure of groups of items or providers: against what they merit, and against their number."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness.against_the_rest import MINIMUM
from swayrec.evaluation.fairness.contrasts import Contrasts
from swayrec.evaluation.fairness.groups import Groups
from swayrec.evaluation.fairness.multiplicity import one_family
from swayrec.evaluation.fairness.shares import Parts, shares_against, shares_against_fixed
from swayrec.evaluation.fairness.shown import Shown, Wanted


@dataclass(frozen=True)
class Place:
    """One position: each group's share of it against its share of merit, and against its share of items."""

    position: int
    merit: Contrasts
    parity: Contrasts


def exposure_against_merit(
    shown: Shown,
    wanted: Wanted,
    groups: Groups,
    *,
    minimum: int = MINIMUM,
    bootstrap: Bootstrap | None = None,
) -> Contrasts:
    """Each group's share of exposure against its share of what people wanted.

    Exposure is the sum of 1 / log2(1 + position). The ratio of the shares is a group's exposure a unit of merit
    over that of all: 1 = as much as it merits (disparate treatment, Singh and Joachims, KDD 2018); the gap is a
    group's part of the unfairness of Biega et al. (SIGIR 2018), amortized over the lists of the window.

    Args:
        shown: what was shown to whom.
        wanted: the merit, in the same numbers of users and items.
        groups: of all items; an item without a group is in no number.
        minimum: users who were shown or wanted any item of a group.
        bootstrap: the resamples of users; by default 2,000 with seed 0.
    """
    due = Parts.of(wanted.user, wanted.item, wanted.weight, groups)
    got = Parts.of(shown.user, shown.item, shown.exposure, groups)
    return shares_against(got, due, groups, minimum, bootstrap or Bootstrap())


def exposure_parity(
    shown: Shown,
    groups: Groups,
    *,
    catalogue: Mapping[str, int] | None = None,
    minimum: int = MINIMUM,
    bootstrap: Bootstrap | None = None,
) -> Contrasts:
    """Each group's share of exposure against its share of the items there are: demographic parity of exposure.

    The ratio is the mean exposure of the group's items over that of all items (Singh and Joachims, KDD 2018).
    ``catalogue`` says how many items each group has, by default those that ``groups`` numbers. The rest is as in
    :func:`exposure_against_merit`.
    """
    got = Parts.of(shown.user, shown.item, shown.exposure, groups)
    return shares_against_fixed(got, _due(groups, catalogue), groups, minimum, bootstrap or Bootstrap())


def by_position(
    shown: Shown,
    wanted: Wanted,
    groups: Groups,
    *,
    k: int = 10,
    catalogue: Mapping[str, int] | None = None,
    minimum: int = MINIMUM,
    bootstrap: Bootstrap | None = None,
) -> tuple[Place, ...]:
    """Each position's placements alone, held to the same dues; p-values are adjusted over all positions.

    A group may have its share of exposure and yet never stand first. ``k`` is the last position that is looked at;
    the rest is as in :func:`exposure_against_merit` and :func:`exposure_parity`.
    """
    draws, share = bootstrap or Bootstrap(), _due(groups, catalogue)
    due = Parts.of(wanted.user, wanted.item, wanted.weight, groups)
    merit, parity = [], []
    for position in range(1, k + 1):
        there = shown.position == position
        got = Parts.of(shown.user[there], shown.item[there], np.ones(int(there.sum())), groups)
        merit.append(shares_against(got, due, groups, minimum, draws))
        parity.append(shares_against_fixed(got, share, groups, minimum, draws))
    return tuple(
        Place(position, one, other)
        for position, (one, other) in enumerate(
            zip(one_family(merit), one_family(parity), strict=True), start=1
        )
    )


def _due(groups: Groups, catalogue: Mapping[str, int] | None) -> np.ndarray:
    sizes = groups.sizes if catalogue is None else np.array([catalogue.get(name, 0) for name in groups.names])
    total = sizes.sum() if catalogue is None else sum(catalogue.values())
    return sizes / max(total, 1)
