"""The model registry: every version of every scenario's model, and which one is the champion.

One registered model a scenario (``swayrec-<scenario>``): MLflow keeps aliases by registered model, and
scenarios have champions independently of each other.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swayrec.operations import store
from swayrec.operations.gate import Decision
from swayrec.operations.version import CHALLENGER, CHAMPION, PREFIX, Version
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    from mlflow import MlflowClient

_LONGEST = 500
"""Tags and parameters are cut to this many characters; decision.json and parameters.json have them whole."""


class Registry:
    """Versions of models in MLflow: on files of the workspace, or on the server that the environment names.

    MLflow is imported and its database opened (some 10 s) when a method first needs it; a workspace that has
    no registry is answered without either.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._opened: MlflowClient | None = None

    @property
    def _client(self) -> "MlflowClient":
        if self._opened is None:
            self._opened = store.opened(self._workspace)
        return self._opened

    @property
    def _empty(self) -> bool:
        return (
            self._opened is None and store.server() is None and not self._workspace.registry_database.exists()
        )

    def register(
        self,
        scenario: str,
        model_folder: Path,
        *,
        parameters: Mapping[str, Any],
        metrics: Mapping[str, float],
        fingerprint: str,
        code_version: str,
        reference_folder: Path | None,
        report_folder: Path | None,
        decision: Decision,
        held: bool = False,
    ) -> Version:
        """Registers a model and names it ``champion`` where the gate promoted it, else ``challenger``.

        The aliases are moved last and at once, so that a process that is killed on the way leaves the former
        champion in place.

        Args:
            scenario: the scenario's name.
            model_folder: holds ``<number>/saved_model.pb``.
            parameters: settings, as text.
            metrics: what evaluation measured; ``ndcg@10`` is kept as ``ndcg_at_10`` (MLflow has no @).
            fingerprint: of the data.
            code_version: of the code.
            reference_folder: statistics and sample of the training data; None = none.
            report_folder: the evaluation's report; None = none.
            decision: the gate's.
            held: a rollout has yet to show whether it may serve; until then it is the challenger in any case.

        Raises:
            InputError: the folder holds no exported model.
        """
        exports = list(model_folder.glob("*/saved_model.pb"))
        if not exports or not all(export.parent.name.isdigit() for export in exports):
            raise InputError(
                f"{model_folder}: there is no <number>/saved_model.pb in it; export a model there first"
            )
        model, champion = PREFIX + scenario, self.champion(scenario)
        run = self._client.create_run(self._experiment(model), run_name=scenario).info
        self._log(run.run_id, parameters, metrics, decision)
        for name, folder in (
            ("model", model_folder),
            ("reference", reference_folder),
            ("report", report_folder),
        ):
            if folder is not None:
                self._client.log_artifacts(run.run_id, str(folder), name)
        self._client.set_terminated(run.run_id)
        if not self._client.search_registered_models(f"name = '{model}'"):
            self._client.create_registered_model(model, tags={"scenario": scenario})
        tags = {
            "scenario": scenario,
            "fingerprint": fingerprint,
            "code_version": code_version,
            "promoted": str(decision.promote).lower(),
            **{f"reason_{place}": reason[:_LONGEST] for place, reason in enumerate(decision.reasons, 1)},
        }
        promoted = decision.promote and not held
        if promoted and champion:
            tags["previous"] = str(champion.number)
        source = f"{run.artifact_uri}/model"
        made = self._client.create_model_version(model, source=source, run_id=run.run_id, tags=tags)
        alias = CHAMPION if promoted else CHALLENGER
        self._client.set_registered_model_alias(model, alias, str(made.version))
        return self.show(int(made.version), scenario)

    def versions(self, scenario: str | None = None) -> list[Version]:
        """All versions (of one scenario), by scenario and falling number."""
        if self._empty:
            return []
        # The prefix is asked for once more below: LIKE takes any case and `_` for any letter.
        wanted = f"name = '{PREFIX}{scenario}'" if scenario else f"name LIKE '{PREFIX}%'"
        found, token = [], None
        while True:
            page = self._client.search_model_versions(wanted, page_token=token)
            found += [each for each in page if each.name.startswith(PREFIX)]
            token = page.token
            if not token:
                break
        aliases = {name: self._aliases(name) for name in {each.name for each in found}}
        fetched = self._workspace.registry_fetched
        told = [
            Version.of(each, self._client.get_run(each.run_id), aliases[each.name], fetched) for each in found
        ]
        return sorted(told, key=lambda version: (version.scenario, -version.number))

    def champion(self, scenario: str) -> Version | None:
        """The version that serves; None where none was ever promoted."""
        return self._aliased(scenario, CHAMPION)

    def challenger(self, scenario: str) -> Version | None:
        """The newest version that the gate did not promote; None where there is none."""
        return self._aliased(scenario, CHALLENGER)

    def show(self, version: Version | int | str, scenario: str | None = None) -> Version:
        """One version by number (``3``), where several scenarios have it with its scenario (``news/3``).

        Raises:
            InputError: there is no such version, or more than one.
        """
        if isinstance(version, Version):
            scenario, number = version.scenario, str(version.number)
        else:
            place, _, number = str(version).rpartition("/")
            scenario = place or scenario
        known = self.versions(scenario)
        found = [each for each in known if str(each.number) == number]
        if len(found) == 1:
            return found[0]
        named = ", ".join(each.name for each in (found or known)[:10])
        if found:
            raise InputError(
                f"{self._workspace.root}: several scenarios have a version {number}; say which: {named}"
            )
        there = (
            f"there are {named}" if named else "nothing is registered yet; run `swayrec train SCENARIO` first"
        )
        asked = f"{scenario}/{number}" if scenario else number
        raise InputError(f"{self._workspace.root}: there is no version {asked}; {there}")

    def promote(self, version: Version | int | str, scenario: str | None = None) -> Version:
        """Makes a version the champion, whatever the gate said; the former champion is kept for a rollback.

        Raises:
            InputError: there is no such version, or more than one.
        """
        chosen = self.show(version, scenario)
        former = self.champion(chosen.scenario)
        if former and former.number == chosen.number:
            return chosen
        model, number = PREFIX + chosen.scenario, str(chosen.number)
        if former:
            self._client.set_model_version_tag(model, number, "previous", str(former.number))
        self._client.set_registered_model_alias(model, CHAMPION, number)
        if CHALLENGER in chosen.aliases:
            self._client.delete_registered_model_alias(model, CHALLENGER)
        return self.show(chosen)

    def rollback(self, scenario: str) -> Version:
        """Gives the alias back to the champion that the present one took it from.

        Raises:
            InputError: there is no champion, or none before it.
        """
        champion = self.champion(scenario)
        if champion is None:
            raise InputError(f"scenario {scenario}: there is no champion to roll back from")
        if champion.previous is None:
            raise InputError(
                f"scenario {scenario}: version {champion.number} was the first champion; "
                "there is none to roll back to"
            )
        former = self.show(champion.previous, scenario)
        self._client.set_registered_model_alias(PREFIX + scenario, CHAMPION, str(former.number))
        return self.show(former)

    def note(self, version: Version, subject: str, told: Mapping[str, str]) -> None:
        """Keeps some words with a version, as tags ``<subject>_<name>``; later ones take the place of earlier ones."""
        for name, text in told.items():
            self._client.set_model_version_tag(
                PREFIX + version.scenario, str(version.number), f"{subject}_{name}", text[:_LONGEST]
            )

    def _experiment(self, name: str) -> str:
        known = self._client.get_experiment_by_name(name)
        if known is None:
            place = store.artifacts(self._workspace, name.removeprefix(PREFIX))
            known = self._client.get_experiment(self._client.create_experiment(name, artifact_location=place))
        if known.artifact_location.startswith("mlflow-artifacts:"):
            raise InputError(
                f"MLflow's experiment {name} keeps models at {known.artifact_location}, where no predictor can take "
                f"them from; give s3://BUCKET/KEY in {store.ARTIFACTS}, and remove or rename that experiment"
            )
        return known.experiment_id

    def _log(
        self, run: str, parameters: Mapping[str, Any], metrics: Mapping[str, float], decision: Decision
    ) -> None:
        for name, value in parameters.items():
            self._client.log_param(run, _spelled(name), str(value)[:_LONGEST])
        for name, number in metrics.items():
            self._client.log_metric(run, _spelled(name), float(number))
        # Whole and with their own names: tags and parameters have limits.
        self._client.log_dict(run, json.loads(json.dumps(dict(parameters), default=str)), "parameters.json")
        self._client.log_dict(run, {name: float(number) for name, number in metrics.items()}, "metrics.json")
        self._client.log_dict(run, decision.to_json(), "decision.json")

    def _aliased(self, scenario: str, alias: str) -> Version | None:
        return next((each for each in self.versions(scenario) if alias in each.aliases), None)

    def _aliases(self, model: str) -> dict[str, int]:
        return {
            name: int(number) for name, number in self._client.get_registered_model(model).aliases.items()
        }


def _spelled(name: str) -> str:
    """A metric's or parameter's name in the letters that MLflow has."""
    return re.sub(r"[^\w\-. :/]", "_", name.replace("@", "_at_"))
