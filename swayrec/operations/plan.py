"""What a training on a scenario will do, found out without training."""

from typing import Any

import numpy as np

from swayrec.evaluation import splits
from swayrec.learning.encoder import load_encoder
from swayrec.operations.enough import enough
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario


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
                "known_events": len(part.known),
                "cases": len(part.cases),
                "truth": len(part.cases.truth),
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
