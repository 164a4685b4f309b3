"""Quality gap: whether a metric is as good for one group of users as for the others."""

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness import pseudo_values
from swayrec.evaluation.fairness.against_the_rest import MINIMUM, against_the_rest
from swayrec.evaluation.fairness.contrasts import Contrasts
from swayrec.evaluation.fairness.groups import Groups


def quality_gaps(
    values: np.ndarray,
    users: np.ndarray,
    groups: Groups,
    *,
    minimum: int = MINIMUM,
    bootstrap: Bootstrap | None = None,
) -> Contrasts:
    """Each group's mean of a metric over its cases minus that of all other users.

    For any value a case: NDCG@10, novelty, diversity, popularity lift. Ekstrand et al., "All the cool kids, how
    do they fit in?" (FAT* 2018), for recommendation; the mean by group and the largest difference between groups
    are those of fairlearn's MetricFrame (``by_group``, ``difference(method="between_groups")``).

    Args:
        values: float[C], one a case; NaN = the case has none.
        users: int[C], whose case it is.
        groups: of all users.
        minimum: users of a group and of its rest.
        bootstrap: the resamples; by default 2,000 with seed 0.
    """
    values, users = np.asarray(values, np.float64), np.asarray(users)
    told = ~np.isnan(values)
    sums = np.bincount(users[told], values[told], len(groups.member))
    counts = np.bincount(users[told], minlength=len(groups.member))
    return against_the_rest(
        np.flatnonzero(counts),
        groups,
        lambda some: pseudo_values.ratio(sums[some], counts[some]),
        minimum,
        bootstrap or Bootstrap(),
    )
