"""The step that judges: the exported model and the tuned baselines on the test part, and the report."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from swayrec.evaluation import splits
from swayrec.evaluation.asking import Answers, ask
from swayrec.evaluation.judge import judge
from swayrec.evaluation.ledger import Ledger
from swayrec.evaluation.listed_race import ListedRace, listed_race
from swayrec.evaluation.race import Race, race
from swayrec.evaluation.report.findings import Choice, Findings
from swayrec.evaluation.report.writing import write
from swayrec.learning.export import ExportedModel
from swayrec.operations.fingerprint import method
from swayrec.operations.training.fitted import Selection
from swayrec.operations.training.instant_answers import RULES as INSTANT
from swayrec.operations.training.instant_answers import (
    InstantAnswers,
    asked_at_each_instant,
    instant_answers,
)
from swayrec.operations.training.intending import CHOICE as INTENT
from swayrec.operations.training.listed_answers import RULES as ASKED
from swayrec.operations.training.listed_answers import ListedAnswers, listed_answers
from swayrec.operations.training.recommending import CHOICE as RECOMMENDER
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

MODEL = "swayrec"
K = 10
FITTED_BEFORE = (
    "The numbers belong to the model that was fitted on what happened before the test part; "
    "the served model has the same settings, fitted on all events.",
)
WHOLE = ("Every list ranks the whole catalogue; no candidate is sampled.",)
COUNTED = (
    "Events at the instant of a cut belong to the later part; a case's truth is each item once.",
    "Intervals are 95 %, by resampling whole users.",
)


def evaluate(
    scenario: Scenario,
    dataset: Dataset,
    vectors: Path,
    influence: Path,
    model_test: Path,
    ledger: Ledger,
    folder: Path,
    say: Callable[[str], None],
) -> dict[str, float]:
    """Asks the exported model as serving does, races the baselines, and writes judgment and report.

    The scenario decides how it is asked: where every case has an instant of its own, in memory. ``vectors`` are of the
    items' texts.

    Writes metrics.json, users.npz (metrics of every case), later.* for the window after the test window,
    report.html, report.md and plots. Before the test part is looked at, the ledger is told.

    Returns:
        The model's means on the test part, by metric.
    """
    split, report = splits.split(dataset.log(scenario), scenario), dataset.report()
    now = datetime.now(UTC)
    key = (scenario.name, "test", dataset.fingerprint())
    settings = {
        "scenario": scenario.model_dump(mode="json", exclude={"policy", "retention", "monitoring"}),
        "method": method(),
    }
    ledger.touch(*key, settings, now, f"training evaluates the form {Selection.read(influence).form}")
    data = [
        ("events", f"{report.get('events', 0):,}"),
        ("users", f"{report.get('users', 0):,}"),
        ("items in the catalogue", f"{len(split.test.known.items):,}"),
        ("test cases", f"{len(split.test.cases):,}"),
        *(
            (f"left out of the test cases: {reason}", f"{count:,}")
            for reason, count in split.test.left_out.items()
        ),
        ("data fingerprint", dataset.fingerprint()[:16]),
    ]
    tuned: Race | ListedRace
    answers: Answers | ListedAnswers | InstantAnswers
    rules = ASKED.get(scenario.split.protocol, WHOLE)
    if scenario.listed:
        tuned = listed_race(split.validation, scenario, K)
        answers = listed_answers(scenario, dataset, influence, model_test, split.test, K, say)
        data.insert(-1, (f"NDCG@{K} without the person's past", answers.of_past(split.test, K)))
    elif asked_at_each_instant(scenario):
        tuned, rules = (
            race(split.validation, scenario, K, progress=lambda name: say(f"tuning {name}")),
            INSTANT,
        )
        answers = instant_answers(scenario, dataset, vectors, influence, model_test, split.test, K)
        say(f"asked {len(answers.ranked):,} cases in memory, each at its own instant")
    else:
        tuned = race(split.validation, scenario, K, progress=lambda name: say(f"tuning {name}"))
        answers = ask(ExportedModel.load(model_test), split.test, scenario.seen, K)
        say(f"asked {len(answers.ranked):,} cases, {answers.milliseconds:.1f} ms each")
    test = judge(
        {MODEL: answers.ranked, **tuned.ranked(split.test, scenario, K)}, split.test, model=MODEL, k=K
    )
    folder.mkdir(parents=True, exist_ok=True)
    test.write(folder)
    later = None
    if split.later is not None and len(split.later.cases):
        ranked = {MODEL: ask(ExportedModel.load(model_test), split.later, scenario.seen, K).ranked}
        later = judge({**ranked, **tuned.ranked(split.later, scenario, K)}, split.later, model=MODEL, k=K)
        later.write(folder, "later.")
    learned = json.loads((influence / "test" / "influence.json").read_text(encoding="utf-8"))
    findings = Findings(
        title=scenario.title,
        made=now.strftime("%Y-%m-%d %H:%M UTC"),
        test=test,
        later=later,
        titles={MODEL: "Swayrec", **{each.name: each.title for each in tuned.tuned}},
        influence=learned["behaviors"],
        choices=_choices(influence, model_test),
        baselines=[each.describe() for each in tuned.tuned],
        absent=tuned.absent,
        data=data,
        rules=(*FITTED_BEFORE, *rules, *COUNTED),
        milliseconds=answers.milliseconds,
        touches=ledger.count(*key),
    )
    write(findings, folder)
    return {name: estimate.mean for name, estimate in test.means[MODEL].items()}


def _choices(influence: Path, model_test: Path) -> list[Choice]:
    chosen = Selection.read(influence)
    kept = json.loads((model_test / RECOMMENDER).read_text(encoding="utf-8"))
    intent = json.loads((model_test / INTENT).read_text(encoding="utf-8"))
    return [
        Choice(
            "form", chosen.form, f"the best of {len(chosen.tried)} on validation, {chosen.validation:.4f}"
        ),
        Choice("ridge", f"{chosen.ridge:g}", "by the same comparison"),
        Choice("intent", intent["kept"], intent["why"]),
        Choice("recommender", kept["kept"], kept["why"]),
    ]
