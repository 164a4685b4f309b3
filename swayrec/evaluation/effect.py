"""What a treatment does, doubly robust: told apart from who is treated, as far as the past says who that is."""

from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap, Estimate
from swayrec.learning.extra import missing
from swayrec.learning.treated import Units
from swayrec.tables.errors import InputError

LIBRARY = "econml"
FOLDS = 4
LEAST = 0.02
"""A propensity below this, or above 1 less this, is outside of the overlap."""

CLIPPED = 0.01
"""A propensity is never taken to be nearer to 0 or 1: one unit would weigh as much as a hundred."""

FEW = 50


@dataclass(frozen=True)
class Effect:
    """By how much the share of units with the outcome differs between treated and untreated.

    ``naive`` is the difference of the two shares; ``everyone`` the doubly robust effect over all units (AIPW, Robins,
    Rotnitzky and Zhao, 1994), ``treated`` that on those who were treated, which does not depend on how many controls
    are drawn. Intervals resample users. ``outside`` is the share of units whose propensity is outside the overlap;
    ``sizes`` are the effective numbers of treated and of untreated units once they are weighted (Kish, 1965).
    """

    naive: Estimate
    everyone: Estimate
    treated: Estimate
    outside: float
    sizes: tuple[float, float]


def effect(units: Units, bootstrap: Bootstrap | None = None) -> Effect:
    """The effect on what follows the instant."""
    return _effect(units, units.outcome, units.known, bootstrap or Bootstrap())


def placebo(units: Units, bootstrap: Bootstrap | None = None) -> Effect:
    """The same of what came before the instant, by what was known before that: 0 where the argument holds."""
    return _effect(units, units.before, units.known_before, bootstrap or Bootstrap())


def _effect(units: Units, outcome: np.ndarray, known: np.ndarray, bootstrap: Bootstrap) -> Effect:
    treated = units.treated.astype(np.float64)
    few = min(len(np.unique(units.user[units.treated])), len(np.unique(units.user[~units.treated])))
    if few < FEW:
        raise InputError(
            f"{few} users are on one side of the comparison, and {FEW} are needed; bring more data"
        )
    propensity, without, with_ = _foreseen(treated, outcome, known, units.user)
    share = np.clip(propensity, CLIPPED, 1 - CLIPPED)
    odds = share / (1 - share)
    left = outcome - without
    scores = with_ - without + treated * (outcome - with_) / share - (1 - treated) * left / (1 - share)
    on_treated = (treated - (1 - treated) * odds) * left
    columns = [scores, on_treated, treated, treated * outcome, (1 - treated) * outcome]
    values = np.stack(columns, axis=1)
    # One row for the whole and one for each resample: a ratio is resampled as a ratio.
    told = np.vstack([values.mean(axis=0), bootstrap.samples(values, units.user)]).T
    everyone, on, part, taken, untreated = told
    naive = taken / part - untreated / (1 - part)
    weights = [(1 / share)[units.treated], (1 / (1 - share))[~units.treated]]
    estimates = [bootstrap.estimate(float(each[0]), each[1:]) for each in (naive, everyone, on / part)]
    return Effect(
        naive=estimates[0],
        everyone=estimates[1],
        treated=estimates[2],
        outside=float(np.mean((propensity < LEAST) | (propensity > 1 - LEAST))),
        sizes=(_size(weights[0]), _size(weights[1])),
    )


def _foreseen(
    treated: np.ndarray, outcome: np.ndarray, known: np.ndarray, user: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each unit's propensity is, and its outcome untreated and treated, by models that saw none of its user.

    Returns:
        float64[N], three times.
    """
    if reason := missing(LIBRARY):
        raise InputError(reason)
    from econml.dr import LinearDRLearner
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.model_selection import GroupKFold

    folds = list(GroupKFold(FOLDS, shuffle=True, random_state=0).split(known, groups=user))
    settings = {"max_iter": 80, "max_leaf_nodes": 12, "min_samples_leaf": 50, "early_stopping": False}
    learner = LinearDRLearner(
        model_propensity=HistGradientBoostingClassifier(**settings, random_state=0),
        model_regression=HistGradientBoostingRegressor(**settings, random_state=0),
        min_propensity=CLIPPED,
        cv=folds,
        random_state=0,
    )
    learner.fit(outcome, treated, X=None, W=known, groups=user, inference=None)
    found = np.empty((3, len(treated)))
    models = zip(folds, learner.models_propensity[0], learner.models_regression[0], strict=True)
    for (_, asked), propensity, regression in models:
        found[0, asked] = propensity.predict_proba(known[asked])[:, 1]
        for place, arm in enumerate((0.0, 1.0), 1):
            at_arm = np.column_stack([known[asked], np.full(len(asked), arm)])
            found[place, asked] = regression.predict(at_arm)
    return found[0], found[1], found[2]


def _size(weights: np.ndarray) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum())
