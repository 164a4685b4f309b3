"""One scenario's benchmark: everything is chosen on validation and frozen, then the test part is asked once."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.evaluation.judge import judge
from swayrec.evaluation.ledger import Ledger, fingerprint
from swayrec.evaluation.parts import pooled
from swayrec.learning.variants import LEARNED
from swayrec.operations.benchmark import closed_forms, network, worth
from swayrec.operations.benchmark.asking import MODEL, Settled
from swayrec.operations.benchmark.closed_forms import FittedStage
from swayrec.operations.benchmark.rivals import rivals
from swayrec.operations.fingerprint import method
from swayrec.operations.reading_in import VECTORS, read_in
from swayrec.operations.training.adding import Tried
from swayrec.operations.training.intending import Followed, follow
from swayrec.operations.training.material import Material, material
from swayrec.operations.training.ranking import K
from swayrec.tables.scenario import Scenario

RESULT = "result.json"

Say = Callable[[str], None]


def benchmark(
    scenario: Scenario,
    name: str,
    folder: Path,
    text_cache: Path,
    ledger: Ledger,
    say: Say,
    more: Sequence[str] = (),
    less: Sequence[str] = (),
) -> dict[str, Any]:
    """What a scenario's model, its baselines and its ablations are worth, as JSON knows it.

    A benchmark that ended is not run again while scenario, data and code are the same.

    Args:
        scenario: what to measure on.
        name: the scenario file's name, for errors.
        folder: what is made; kept from one call to the next.
        text_cache: vectors of texts.
        ledger: told before the test part is asked.
        say: told of progress.
        more: baselines that take long, of :data:`swayrec.operations.benchmark.rivals.SELDOM`.
        less: baselines to leave out.

    Raises:
        InputError: the data are missing or too few.
    """
    start = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    dataset = read_in(scenario, name, folder, text_cache, say)
    settings = {
        "scenario": scenario.model_dump(mode="json", exclude={"policy", "retention", "monitoring", "search"}),
        "method": method(),
    }
    key = fingerprint({**settings, "data": dataset.fingerprint(), "more": sorted(more), "less": sorted(less)})
    kept = folder / RESULT
    if kept.exists():
        told = json.loads(kept.read_text(encoding="utf-8"))
        if told["key"] == key:
            say(f"{scenario.name}: nothing has changed since {told['made']}")
            return told
    data = material(scenario, dataset, folder / VECTORS)
    chosen, at_validation = closed_forms.choose(data, say)
    layout = data.layout(chosen[LEARNED.name].form)
    followed = _followed(data, at_validation, folder, say)
    added: dict[str, Tried] = {}
    if scenario.network is not None and scenario.network.tried:
        added = network.tried(data, layout, at_validation, followed, say)
    tuned = rivals(data, folder / "baselines" / key, more, less, say)
    # Whatever the test part says from here on changes nothing that was chosen.
    now = datetime.now(UTC)
    part = (scenario.name, "test", dataset.fingerprint())
    ledger.touch(*part, settings, now, "benchmark")
    ranked = Settled(data, chosen, added, followed, tuned).ranked(say)
    test = pooled(data.split.rounds)
    judged = judge(ranked.lists, test, model=MODEL, k=K)
    judged.write(folder)
    told = {
        "key": key,
        "made": now.strftime("%Y-%m-%d %H:%M UTC"),
        "scenario": scenario.name,
        "title": scenario.title,
        "protocol": scenario.split.model_dump(mode="json"),
        "repeats": scenario.repeats,
        "data": {
            "fingerprint": dataset.fingerprint()[:16],
            "events": int(dataset.report().get("events", 0)),
            "users": len(data.split.test.known.users),
            "items": len(data.split.test.known.items),
            "validation_cases": len(data.split.validation.cases),
            "test_cases": len(test.cases),
        },
        "chosen": {each: value.to_json() for each, value in chosen.items()},
        "network": network.told(added),
        "kept": network.served(added),
        "intent": followed.choice,
        "placebo": closed_forms.placebo(data, at_validation, layout, chosen[LEARNED.name].ridge),
        "cold_start": closed_forms.cold_start(data, at_validation, layout),
        "influence": ranked.closed.influence,
        "rows": ranked.closed.rows,
        "titles": ranked.titles,
        "seconds": ranked.seconds,
        "baselines": tuned.described(),
        "absent": dict(tuned.absent),
        "judgment": judged.to_json(),
        "worth": worth.of(judged, test),
        "touches": ledger.count(*part),
        "whole_seconds": time.perf_counter() - start,
    }
    kept.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return told


def _followed(data: Material, stage: FittedStage, folder: Path, say: Say) -> Followed:
    relative = {row["name"]: row["relative"] for row in stage.influence}
    sways = np.array([relative[name] for name in data.scenario.behavior_names])
    return follow(data, sways, data.stages[:2], say, folder / "tensorboard")
