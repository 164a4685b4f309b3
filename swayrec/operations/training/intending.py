"""The step that learns intent: a closed form always, a sequence model where validation says that it adds."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.learning.calibration import auc, brier, reliability, squared_errors
from swayrec.learning.closed_intent import ClosedIntent, Moments, fit_closed_intent, moments
from swayrec.learning.intent import IntentModel, IntentShape, no_text
from swayrec.learning.intent_training import fit_intent, foretell
from swayrec.learning.intents import Intent
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
    followed = follow(data, _influence(influence, scenario), data.stages, say, folder / "tensorboard")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CHOICE).write_text(json.dumps(followed.choice, indent=2), encoding="utf-8")
    for name, closed in followed.closed.items():
        closed.save(folder / name)
        if name in followed.sequence:
            followed.sequence[name].save_folder(folder / name / "sequence")


@dataclass(frozen=True)
class Followed:
    """What was chosen and why, and each stage's closed form; the sequence model of each where that was chosen."""

    choice: dict[str, Any]
    closed: Mapping[str, ClosedIntent]
    sequence: Mapping[str, IntentModel]

    def of(self, stage: Stage) -> Intent:
        """The intent model of a stage that was chosen."""
        return self.sequence.get(stage.name, self.closed[stage.name])


def follow(
    data: Material, influence: np.ndarray, stages: Sequence[Stage], say: Callable[[str], None], log_dir: Path
) -> Followed:
    """Fits the intents of some stages, the validation stage first among them.

    Args:
        data: the log and its split.
        influence: float64[T], what each behavior sways, the largest 1.
        stages: those that are wanted.
        say: told of progress.
        log_dir: where TensorBoard's files go.
    """
    scenario = data.scenario
    validation, test, _ = data.stages
    fitted, sequence = fit_closed_intent(validation.log, scenario.targets), None
    choice: dict[str, Any] = {"kept": "closed", "why": "the scenario asks for no sequence model"}
    # What the validation stage does not hold: after its cut, or the newest of each user where every user has one.
    asked = moments(test.log, scenario.targets, ASKED, seed=1, beyond=validation.log.newest_orders())
    if scenario.network is not None and scenario.network.intent != "closed":
        if len(asked):
            sequence = _sequence(scenario, validation, influence, log_dir)
            choice = _compared(fitted, sequence, test, asked)
        else:
            choice["why"] = "the log has no order to learn a sequence from"
    say(f"intent: {choice['kept']} is kept: {choice['why']}")
    closed, sequences = {}, {}
    for stage in stages:
        first = stage is validation
        closed[stage.name] = fitted if first else fit_closed_intent(stage.log, scenario.targets)
        if choice["kept"] != "closed":
            again = not first or sequence is None
            model = _sequence(scenario, stage, influence) if again else sequence
            assert model is not None
            sequences[stage.name] = model
    return Followed(choice, closed, sequences)


def _sequence(
    scenario: Scenario, stage: Stage, influence: np.ndarray, log_dir: Path | None = None
) -> IntentModel:
    network = scenario.network
    assert network is not None and network.intent != "closed"
    shape = IntentShape(network.intent, len(scenario.behaviors), len(scenario.targets), network.width)
    return fit_intent(
        stage.log,
        scenario.targets,
        shape,
        vectors=stage.catalogue.vectors,
        influence=influence,
        epochs=network.epochs,
        log_dir=log_dir,
        name=f"intent-{stage.name}",
    ).model


def stored_intent(folder: Path, data: Material, stage: Stage) -> Any:
    """The intent model of a stage that the step kept."""
    kept = json.loads((folder / CHOICE).read_text(encoding="utf-8"))["kept"]
    place = folder / stage.name
    if kept == "closed":
        return ClosedIntent.load(place)
    vectors = stage.catalogue.vectors
    texts = no_text(len(stage.log.items)) if vectors is None else vectors
    return IntentModel.load_folder(place / "sequence", texts)


def _influence(folder: Path, scenario: Scenario) -> np.ndarray:
    rows = json.loads((folder / "validation" / "influence.json").read_text(encoding="utf-8"))["behaviors"]
    relative = {row["name"]: row["relative"] for row in rows}
    return np.array([relative[name] for name in scenario.behavior_names])


def _compared(closed: ClosedIntent, model: IntentModel, stage: Stage, asked: Moments) -> dict[str, Any]:
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
