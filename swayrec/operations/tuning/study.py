"""A search with Optuna: kept in SQLite, so that it goes on where it stopped; bad settings are given up early."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swayrec.operations.tuning.judged import Judged
from swayrec.operations.tuning.space import drawn, value_of
from swayrec.tables.errors import InputError

_FIRST = 8
"""Settings that are drawn at random and judged whole before any is given up or modeled."""


@dataclass(frozen=True)
class Found:
    """What a search found: the best setting and its mean NDCG@10 on validation, beside the scenario's own.

    ``tried`` settings were judged whole, ``pruned`` given up early, ``failed`` could not be learned; in all, by any
    process that took part. ``seconds`` were spent here.
    """

    best: dict[str, Any]
    validation: float
    own: dict[str, Any]
    own_validation: float
    tried: int
    pruned: int
    failed: int
    seconds: float


def search(
    judged: Judged,
    storage: Path,
    *,
    minutes: float,
    trials: int | None = None,
    seed: int = 0,
    say: Callable[[str], None] = lambda line: None,
) -> Found:
    """Searches the scenario's space for some minutes, or some trials; begins with the scenario's own setting.

    Args:
        judged: of the scenario.
        storage: the study's SQLite file; one that is there is gone on with.
        minutes: no trial begins after them.
        trials: at most so many; None = as many as there is time for.
        seed: of what is drawn.
        say: told of every trial.

    Raises:
        InputError: the scenario's own setting cannot be learned.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space, begun = judged.scenario.search, time.monotonic()
    own = {each.field: value_of(judged.scenario, each.field) for each in space}
    storage.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(
            storage=f"sqlite:///{storage.resolve()}",
            study_name=judged.scenario.name,
            direction="maximize",
            load_if_exists=True,
            sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=_FIRST, multivariate=True),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=_FIRST),
        )
    if "own" not in study.user_attrs:
        study.set_user_attr("own", judged.whole({}).validation)
        say(f"the scenario's own setting: NDCG@10 {study.user_attrs['own']:.4f}")

    def objective(trial: optuna.Trial) -> float:
        setting = drawn(trial, space)
        trial.report(judged.quick(setting), 0)
        if trial.should_prune():
            raise optuna.TrialPruned
        return judged.whole(setting).validation

    def told(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        value = f"NDCG@10 {trial.value:.4f}" if trial.value is not None else trial.state.name.lower()
        say(f"trial {trial.number + 1}: {value}, the best so far {_best(study):.4f}")

    study.optimize(
        objective,
        n_trials=trials,
        timeout=60.0 * minutes,
        callbacks=[told],
        # A setting with which nothing can be learned says something of that setting only.
        catch=(InputError,),
    )
    states = [trial.state.name for trial in study.trials]
    mine = study.user_attrs["own"]
    better = "COMPLETE" in states and study.best_value > mine
    return Found(
        best=drawn(optuna.trial.FixedTrial(study.best_params), space) if better else own,
        validation=study.best_value if better else mine,
        own=own,
        own_validation=mine,
        tried=states.count("COMPLETE"),
        pruned=states.count("PRUNED"),
        failed=states.count("FAIL"),
        seconds=time.monotonic() - begun,
    )


def _best(study: Any) -> float:
    own: float = study.user_attrs["own"]
    values = [trial.value for trial in study.trials if trial.value is not None]
    return max([own, *values])
