"""The step that learns intent: a closed form always, a sequence model where validation says that it adds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.learning.calibration import auc, brier, reliability, squared_errors
from swayrec.learning.closed_intent import ClosedIntent, fit_closed_intent, moments
from swayrec.learning.intent import IntentModel, IntentShape, no_text
from swayrec.learning.intent_training import fit_intent, foretell
from swayrec.operations.training.material import Material, Stage, material
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

CHOICE = "intent.json"
ASKED = 5_000
"""Validation instants that both intents are compared on, at most."""


def train_intent(
    scenario: Scenario,
    dataset: Dataset,
    vectors: Path,
    influence: Path,
    folder: Path,
    say: Callable[[str], None],
) -> None:
    """Fits the closed-form intent of each stage, and the sequence model where its error is surely smaller.

    Writes intent.json (which was kept and why, AUC, Brier score and reliability of both on validation) and
    a folder each for the stages validation (which the network is chosen with), test and final.
    """
    data = material(scenario, dataset, vectors)
    validation, *later = data.stages
    closed, model = fit_closed_intent(validation.log, scenario.targets), None
    choice: dict[str, Any] = {"kept": "closed", "why": "the scenario asks for no sequence model"}
    network = scenario.network
    sways = _influence(influence, scenario)
    asked = moments(later[0].log, scenario.targets, ASKED, seed=1, after=validation.now)
    if network is not None and network.intent != "closed":
        if len(asked):
            logs = folder / "tensorboard"
            model = fit_intent(
                validation.log,
                scenario.targets,
                _shape(scenario),
                vectors=validation.catalogue.vectors,
                influence=sways,
                epochs=network.epochs,
                log_dir=logs,
            ).model
            choice = _compared(closed, model, later[0], asked)
        else:
            choice["why"] = "the log has no order to learn a sequence from"
    say(f"intent: {choice['kept']} is kept: {choice['why']}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CHOICE).write_text(json.dumps(choice, indent=2), encoding="utf-8")
    closed.save(folder / validation.name)
    if choice["kept"] != "closed" and model is not None:
        model.save_folder(folder / validation.name / "sequence")
    for stage in later:
        place = folder / stage.name
        place.mkdir(parents=True, exist_ok=True)
        fit_closed_intent(stage.log, scenario.targets).save(place)
        if choice["kept"] != "closed" and network is not None:
            fitted = fit_intent(
                stage.log,
                scenario.targets,
                _shape(scenario),
                vectors=stage.catalogue.vectors,
                influence=sways,
                epochs=network.epochs,
            )
            fitted.model.save_folder(place / "sequence")


def stored_intent(folder: Path, data: Material, stage: Stage) -> Any:
    """The intent model of a stage that the step kept."""
    kept = json.loads((folder / CHOICE).read_text(encoding="utf-8"))["kept"]
    place = folder / stage.name
    if kept == "closed":
        return ClosedIntent.load(place)
    vectors = stage.catalogue.vectors
    texts = no_text(len(stage.log.items)) if vectors is None else vectors
    return IntentModel.load_folder(place / "sequence", texts)


def _shape(scenario: Scenario) -> IntentShape:
    network = scenario.network
    assert network is not None and network.intent != "closed"
    return IntentShape(network.intent, len(scenario.behaviors), len(scenario.targets), network.width)


def _influence(folder: Path, scenario: Scenario) -> np.ndarray:
    rows = json.loads((folder / "validation" / "influence.json").read_text(encoding="utf-8"))["behaviors"]
    relative = {row["name"]: row["relative"] for row in rows}
    return np.array([relative[name] for name in scenario.behavior_names])


def _compared(closed: ClosedIntent, model: Any, stage: Stage, asked: Any) -> dict[str, Any]:
    """Both intents on the validation instants; the model is kept where its squared error is surely smaller."""
    foretold = {"closed": foretell(closed, stage.log, asked), "sequence": foretell(model, stage.log, asked)}
    errors = {name: squared_errors(asked.y, p) for name, p in foretold.items()}
    gain = Bootstrap().difference(errors["closed"], errors["sequence"], asked.users)
    kept = "sequence" if gain.above_zero else "closed"
    why = (
        f"on validation the sequence model's Brier score (lower is better) is {errors['sequence'].mean():.4f}, "
        f"the closed form's {errors['closed'].mean():.4f}, the difference {-gain.mean:+.4f} "
        f"[{-gain.high:+.4f}, {-gain.low:+.4f}], and it is kept only where the whole interval lies below 0"
    )
    told = {
        name: {
            "brier": brier(asked.y, p),
            "auc": [auc(asked.y[:, g], p[:, g]) for g in range(p.shape[1])],
            "calibration_error": [
                float(reliability(asked.y[:, g], p[:, g]).error) for g in range(p.shape[1])
            ],
        }
        for name, p in foretold.items()
    }
    return {"kept": kept, "why": why, "validation": told, "moments": len(asked)}
