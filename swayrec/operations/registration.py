"""The step that registers a model with all that is to be known of it later."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from swayrec.evaluation.judgment import Judgment
from swayrec.operations import answers, embedding, fingerprint, pseudonym, reference
from swayrec.operations.gate import Decision
from swayrec.operations.monitoring import learned_influence
from swayrec.operations.monitoring.baseline import baseline
from swayrec.operations.registry import Registry
from swayrec.operations.version import Version
from swayrec.operations.workspace import Workspace
from swayrec.tables.dataset import Dataset
from swayrec.tables.engine import connect
from swayrec.tables.scenario import Scenario

INFLUENCE = "influence.json"


def register(
    scenario: Scenario,
    workspace: Workspace,
    dataset: Dataset,
    *,
    influence: Path,
    model: Path,
    asked: Path,
    evaluation: Path,
    decision: Path,
    held: bool = False,
) -> Version:
    """Registers a model: settings, metrics, data and code it came from, report, influence, reference and what is usual.

    Args:
        workspace: holds the registry and the key of pseudonyms.
        influence: folder with influence.json and selection.json.
        model: folder with the export.
        asked: folder with a sample of the model's answers.
        evaluation: folder with the judgment and the report.
        decision: the gate's file.
        held: whether a rollout has yet to make it the champion.
    """
    learned = json.loads((influence / INFLUENCE).read_text(encoding="utf-8"))
    chosen = json.loads((influence / "selection.json").read_text(encoding="utf-8"))
    judgment = Judgment.read(evaluation)
    with tempfile.TemporaryDirectory(prefix="swayrec-register-") as folder:
        kept, report = Path(folder) / "reference", Path(folder) / "report"
        reference.write(
            kept,
            dataset,
            pseudonym.key(workspace),
            weights={row["name"]: row["weight"] for row in learned["behaviors"]},
            answers=answers.read(asked),
        )
        encode = embedding.encode(scenario, f"scenario {scenario.name}", workspace.text_cache)
        engine = connect(Path(folder))
        try:
            baseline(engine, scenario, dataset, encode).write(kept)
        finally:
            engine.disconnect()
        shutil.copy(influence / "final" / learned_influence.FILE, kept)
        # Cases stay with the run: a report is read by people, and users' ids do not belong in it.
        shutil.copytree(evaluation, report, ignore=shutil.ignore_patterns("*.npz"))
        shutil.copy(influence / INFLUENCE, report / INFLUENCE)
        return Registry(workspace).register(
            scenario.name,
            model,
            parameters={
                "form": chosen["form"],
                "ridge": chosen["ridge"],
                **dict(_flat(scenario.model_dump(mode="json"))),
            },
            metrics={name: estimate.mean for name, estimate in judgment.means[judgment.model].items()},
            fingerprint=dataset.fingerprint(),
            code_version=fingerprint.code(),
            reference_folder=kept,
            report_folder=report,
            decision=Decision.read(decision),
            held=held,
        )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested settings as `split.protocol`; lists stay whole."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
