"""What is tried on top of the closed form in a benchmark: with intent, without, and what validation keeps."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from swayrec.evaluation.parts import Part
from swayrec.learning.intents import Intent
from swayrec.learning.layout import Layout
from swayrec.learning.past import Past
from swayrec.learning.rows import everyone_of
from swayrec.learning.variants import LEARNED
from swayrec.operations.benchmark.closed_forms import FittedStage
from swayrec.operations.training import adding
from swayrec.operations.training.adding import Tried
from swayrec.operations.training.intending import Followed
from swayrec.operations.training.material import Material, Stage
from swayrec.operations.training.ranking import ranked
from swayrec.tables.scenario_learning import MLP, TREES

NETWORK = "network"
UNINTENDED = "_without_intent"
NAMES = {MLP: NETWORK, TREES: TREES}
TITLES = {
    NETWORK: "closed form and network",
    NETWORK + UNINTENDED: "the network without intent",
    TREES: "closed form and trees",
    TREES + UNINTENDED: "the trees without intent",
}

Say = Callable[[str], None]


class NoIntent(tf.Module):
    """An intent that knows nothing: one half, whatever was done."""

    def intents(self, past: Past) -> tf.Tensor:
        """float32[B, L, 1] of one half."""
        return tf.fill([*tf.unstack(tf.shape(past.item)), 1], 0.5)


def intent_of(name: str, followed: Followed, stage: Stage) -> Intent:
    """The intent that what has this name reads."""
    return NoIntent() if name.endswith(UNINTENDED) else followed.of(stage)


def tried(
    data: Material, layout: Layout, stage: FittedStage, followed: Followed, say: Say
) -> dict[str, Tried]:
    """All that the scenario has tried, fitted on the validation stage, beside the closed form on the validation cases.

    Where too few users have a choice to learn from, there is nothing; where something adds nothing, what it would be
    without intent is not asked.
    """
    closed = adding.closed_scores(data, layout, stage.fitted)
    found: dict[str, Tried] = {}
    assert data.scenario.network is not None
    for kind in data.scenario.network.tried:
        for name in (NAMES[kind], NAMES[kind] + UNINTENDED):
            intent = intent_of(name, followed, data.stages[0])
            try:
                found[name] = adding.tried(kind, data, layout, stage.fitted, intent, closed, say)
            except ValueError:
                return {}
            above = found[name].gain
            say(f"validation: {TITLES[name]}: {above.mean:+.4f} [{above.low:+.4f}, {above.high:+.4f}]")
            if not found[name].kept:
                break
    return found


def listed(
    name: str,
    added: Tried,
    data: Material,
    stage: Stage,
    layout: Layout,
    closed: FittedStage,
    followed: Followed,
    part: Part,
    say: Say,
) -> np.ndarray | None:
    """int32[C, 10] of a part by what validation chose, taught by a stage's choices; None where these are too few."""
    intent = intent_of(name, followed, stage)
    try:
        network = adding.fitted_again(added, data, stage, layout, closed.fitted, intent, say)
    except ValueError:
        return None
    everyone = everyone_of(part.known, data.scenario, stage.catalogue)
    return ranked(closed.fitted.scoring(layout), part, data.scenario, network=network, everyone=everyone)


def served(added: Mapping[str, Tried]) -> str:
    """What is served: of what validation keeps with intent the best, else the whole method's closed form."""
    kept = {name: added[name].validation for name in NAMES.values() if name in added and added[name].kept}
    return max(kept, key=lambda name: kept[name], default=LEARNED.name)


def told(added: dict[str, Tried]) -> dict[str, Any]:
    """As JSON knows it."""
    return {
        name: {
            "validation": each.validation,
            "mean": each.gain.mean,
            "low": each.gain.low,
            "high": each.gain.high,
            "kept": each.kept,
            **each.chosen(),
        }
        for name, each in added.items()
    }
