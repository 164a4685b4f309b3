"""What a training on a scenario will do, found out without training."""

from typing import Any

import numpy as np

from swayrec.evaluation import splits
from swayrec.evaluation.parts import Part
from swayrec.learning.encoder import load_encoder
from swayrec.operations.enough import enough
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario


def candidates(part: Part) -> float:
    """The mean number of candidates that a case brings."""
    assert part.cases.listed is not None
    counts = [
        int((part.cases.listed.of(rows) >= 0).sum())
        for rows in np.array_split(np.arange(len(part.cases)), max(len(part.cases) // 1000, 1))
    ]
    return sum(counts) / max(len(part.cases), 1)


def plan(scenario: Scenario, name: str, dataset: Dataset) -> dict[str, Any]:
    """The catalogue, the parts of the split and the settings to choose among.

    Args:
        name: the scenario file's name, for errors.

    Raises:
        InputError: nothing would be left to train on or to ask, or the language model is missing.
    """
    log = dataset.log(scenario)
    enough(log, scenario)
    kept = splits.catalogue(log, scenario)
    parts = splits.split(log, scenario)
    if scenario.text is not None:
        load_encoder(scenario.text.encoder, scenario.text.longest, name)
    return {
        "targets": list(scenario.targets),
        "items": int(kept.sum()),
        "share_of_events": float(np.mean(kept[log.item])),
        "protocol": scenario.split.protocol,
        "parts": {
            part.name: {
                "known_events": len(part.before),
                "cases": len(part.cases),
                "truth": len(part.cases.truth),
                "left_out": dict(part.left_out),
                **({"candidates": candidates(part)} if part.cases.listed is not None else {}),
            }
            for part in (parts.validation, parts.test, parts.later)
            if part is not None
        },
        "forms": [form.name for form in scenario.influence.forms],
        "ridges": list(scenario.influence.ridges),
        "encoder": scenario.text.encoder if scenario.text else None,
        "intent": scenario.network.intent if scenario.network else "closed",
        "recommender": scenario.network.recommender if scenario.network else "none",
    }
