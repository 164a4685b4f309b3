"""docs/fairness.md says what the code does."""

import re
from pathlib import Path

from swayrec.evaluation import fairness, metrics
from swayrec.evaluation.fairness import MINIMUM, Contrast, Contrasts
from swayrec.operations.monitoring.fairness_words import SHOWS
from tests.pages import blocks

PAGE = Path(__file__).parents[3] / "docs" / "fairness.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_example_runs_and_finds_its_gap(capsys):
    [code] = blocks(PAGE, "python")
    exec(code, {})
    gap, p = re.fullmatch(r"(\S+), adjusted p (\S+)\n", capsys.readouterr().out).groups()
    assert float(gap) < -0.05 and float(p) < 0.001


def test_every_function_metric_field_and_choice_is_explained():
    told = set(re.findall(r"`(\w+)`", TEXT))
    functions = {name for name in fairness.__all__ if name.islower() and name != "holm"}
    beyond = {"Novelty", "CategoryDiversity", "VectorDiversity", "Popularity", "LongTail", "popularity_lift"}
    assert beyond <= set(metrics.__all__)
    fields = {"value", "other", "gap", "ratio", "users", "p", "adjusted", "largest", "skipped", "unknown"}
    assert fields <= {*Contrast.__dataclass_fields__, *Contrasts.__dataclass_fields__}
    assert {*functions, *beyond, *fields, *SHOWS["en"], "gini", "lists", "item_exposure"} <= told
    assert f"`minimum` users ({MINIMUM})" in TEXT
