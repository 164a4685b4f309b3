"""The network on top of the closed form in a benchmark: with intent, without, and whether validation keeps it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Part
from swayrec.evaluation.selection import gain
from swayrec.learning.intents import Intent
from swayrec.learning.layout import Layout
from swayrec.learning.past import Past
from swayrec.learning.rows import everyone_of
from swayrec.learning.variants import LEARNED
from swayrec.operations.benchmark.closed_forms import FittedStage
from swayrec.operations.training.adding import fitted_network
from swayrec.operations.training.intending import Followed
from swayrec.operations.training.material import Material, Stage
from swayrec.operations.training.ranking import K, ranked

NETWORK, UNINTENDED = "network", "network_without_intent"
TITLES = {NETWORK: "closed form and network", UNINTENDED: "the network without intent"}

Say = Callable[[str], None]


class NoIntent(tf.Module):
    """An intent that knows nothing: one half, whatever was done."""

    def intents(self, past: Past) -> tf.Tensor:
        """float32[B, L, 1] of one half."""
        return tf.fill([*tf.unstack(tf.shape(past.item)), 1], 0.5)


@dataclass(frozen=True)
class Added:
    """What a network moved NDCG@10 by on the validation cases, and by how much it might be wrong."""

    validation: float
    mean: float
    low: float
    high: float

    @property
    def kept(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low > 0


def intent_of(name: str, followed: Followed, stage: Stage) -> Intent:
    """The intent that a network of this name reads."""
    return followed.of(stage) if name == NETWORK else NoIntent()


def tried(
    data: Material, layout: Layout, stage: FittedStage, followed: Followed, say: Say
) -> dict[str, Added]:
    """Both networks fitted on the validation stage, beside the closed form on the validation cases.

    Where too few users have a choice to learn from, there is none; where the network adds nothing, what it would be
    without intent is not asked.
    """
    part, metric = data.split.validation, NDCG(K)
    everyone = everyone_of(part.known, data.scenario, data.stages[0].catalogue)
    lists = ranked(stage.fitted.scoring(layout), part, data.scenario, everyone=everyone)
    closed = metric(lists, part.cases)
    found: dict[str, Added] = {}
    for name in TITLES:
        found_lists = listed(name, data, data.stages[0], layout, stage, followed, part, say)
        if found_lists is None:
            return {}
        scores = metric(found_lists, part.cases)
        above = gain(scores, closed, part.cases.users)
        found[name] = Added(float(scores.mean()), above.mean, above.low, above.high)
        say(f"validation: {TITLES[name]}: {above.mean:+.4f} [{above.low:+.4f}, {above.high:+.4f}]")
        if not found[NETWORK].kept:
            break
    return found


def listed(
    name: str,
    data: Material,
    stage: Stage,
    layout: Layout,
    closed: FittedStage,
    followed: Followed,
    part: Part,
    say: Say,
) -> np.ndarray | None:
    """int32[C, 10] of a part by a network that a stage's choices taught; None where they are too few."""
    try:
        trained = fitted_network(data, stage, layout, closed.fitted, intent_of(name, followed, stage), say)
    except ValueError:
        return None
    everyone = everyone_of(part.known, data.scenario, stage.catalogue)
    scoring = closed.fitted.scoring(layout)
    return ranked(scoring, part, data.scenario, network=trained.network, everyone=everyone)


def served(added: Mapping[str, Added]) -> str:
    """What is served: the network where validation keeps it, else the whole method's closed form."""
    return NETWORK if NETWORK in added and added[NETWORK].kept else LEARNED.name


def told(added: dict[str, Added]) -> dict[str, Any]:
    """As JSON knows it."""
    return {name: {**vars(each), "kept": each.kept} for name, each in added.items()}
