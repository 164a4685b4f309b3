"""The effect of a behavior in a scenario's data, with its placebo, and what must hold for it to be one."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow.compute as pc

from swayrec.evaluation.effect import Effect, effect, placebo
from swayrec.learning.treated import units
from swayrec.tables.dataset import Dataset
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario


def estimated(
    scenario: Scenario, dataset: Dataset, treatment: str, targets: tuple[str, ...], days: float, most: int
) -> dict[str, Any]:
    """Who was compared, the effect and the placebo, and the assumptions in words.

    Args:
        scenario: names the behaviors.
        dataset: of the scenario.
        treatment: the behavior whose effect it is.
        targets: the behaviors that it may bring about.
        days: within which.
        most: units that got it, at most; more are sampled.

    Raises:
        InputError: there is no clock, too little to compare, or econml is not installed.
    """
    log = dataset.log(scenario)
    compared = units(log, _categories(dataset, log), treatment, targets, days, most)
    after, before = effect(compared), placebo(compared)
    return {
        "treatment": treatment,
        "targets": list(targets),
        "days": days,
        "units": len(compared),
        "treated": int(compared.treated.sum()),
        "users": len(np.unique(compared.user)),
        "share_treated": float(compared.outcome[compared.treated].mean()),
        "share_untreated": float(compared.outcome[~compared.treated].mean()),
        "effect": _told(after),
        "placebo": _told(before),
        "placebo_holds": not (before.everyone.above_zero or before.everyone.below_zero),
        "assumptions": _assumptions(treatment, days),
    }


def _categories(dataset: Dataset, log: Log) -> np.ndarray:
    """int64[items]: the category of each, by its whole text; -1 where there is none."""
    table = dataset.items()
    place = pc.index_in(log.items.astype(str), value_set=table["item_id"].combine_chunks())
    found = pc.take(table["category"].combine_chunks(), place)
    return pc.fill_null(found.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _told(found: Effect) -> dict[str, Any]:
    return {
        "naive": asdict(found.naive),
        "doubly_robust": asdict(found.everyone),
        "doubly_robust_treated": asdict(found.treated),
        "outside_overlap": found.outside,
        "effective_treated": found.sizes[0],
        "effective_untreated": found.sizes[1],
    }


def _assumptions(treatment: str, days: float) -> list[str]:
    return [
        f"Who gets {treatment}, and on what, is decided by others than the user, and by nothing that also decides "
        "what the user takes, except for what the log shows of the past: the user's own events on the item, on its "
        "category, on all that is given at the instant and at all, and how often the user was treated before.",
        f"For every such past some get {treatment} and some do not, and nobody's {treatment} changes what others take.",
        f"The placebo is the same estimate of the {days:g} days before, by what was known before these: off 0, it "
        "says that the first of these does not hold, or that these very days decide who is treated.",
    ]
