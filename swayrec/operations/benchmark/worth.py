"""What each part of the method is worth: by how much NDCG@10 falls on the test cases where it is taken away."""

from typing import Any

from swayrec.evaluation.judgment import Judgment
from swayrec.evaluation.parts import Part
from swayrec.evaluation.report.wording import MAIN
from swayrec.evaluation.selection import gain
from swayrec.learning.variants import LEARNED
from swayrec.operations.benchmark import closed_forms, network
from swayrec.tables.scenario_learning import TREES


def _pairs() -> dict[str, tuple[str, str]]:
    """By name of a system: the one with the part, and the one without it."""
    closed = {name: (LEARNED.name, name) for name in closed_forms.TITLES if name != LEARNED.name}
    added = {name: (name, LEARNED.name) for name in network.NAMES.values()}
    unintended = {name + network.UNINTENDED: (name, name + network.UNINTENDED) for name in added}
    return {**closed, **added, **unintended}


PAIRS = _pairs()
"""What is compared: the whole closed form with each variant of it, what is on top with the closed form, and what is on
top with the same without intent."""

TITLES = {
    "equal": "learned weights, over equal ones",
    "hand": "learned weights, over hand-set ones",
    "strongest": "all behaviors, over the strongest alone",
    "wordless": "text",
    "everyone": "the user's own past",
    closed_forms.EVENT_LEVEL: "rows of choices, over rows of events",
    network.NETWORK: "a network on top",
    network.NETWORK + network.UNINTENDED: "intent, for the network",
    TREES: "trees on top",
    TREES + network.UNINTENDED: "intent, for the trees",
}
"""What the part is called."""


def of(judged: Judgment, part: Part) -> dict[str, dict[str, Any]]:
    """The paired difference of NDCG@10 with its interval, for every pair of which both were asked."""
    scores = {name: by_metric[MAIN] for name, by_metric in judged.scores.items()}
    found = {}
    for name, (whole, without) in PAIRS.items():
        if whole in scores and without in scores:
            over = gain(scores[whole], scores[without], part.cases.users)
            found[name] = {"mean": over.mean, "low": over.low, "high": over.high}
    return found
