"""Hands a retraining to Kubeflow Pipelines, as a run of the uploaded training pipeline, and looks how it went."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from swayrec.operations.monitoring.retraining import Retraining, Status
from swayrec.operations.registry import Registry

if TYPE_CHECKING:
    from kfp.client import Client

EXPERIMENT = "swayrec-retraining"
_ALIVE = ("RUNTIME_STATE_UNSPECIFIED", "PENDING", "RUNNING", "PAUSED", "CANCELING", "SUCCEEDED")
"""States of runs that stand for a retraining which needs no other one; an unset one has just been made."""


@dataclass(frozen=True)
class KfpTraining:
    """``pipeline`` at the KFP API server ``endpoint``; an empty one is found as the KFP client finds it: in the
    environment (``KF_PIPELINES_ENDPOINT``), or in the cluster that this runs in.
    """

    pipeline: str
    endpoint: str = ""

    def submitted(self, record: Retraining, arguments: Mapping[str, Any]) -> Retraining:
        """The record of a run that was begun, or that another process had begun for the same verdict.

        Args:
            record: what asks for it; its reasons go with the run.
            arguments: of the pipeline.
        """
        pipeline, version = self._newest()
        if version is None:
            return record.with_end(
                "failed",
                f"no pipeline {self.pipeline} is known to Kubeflow Pipelines; upload it first (kfp pipeline create)",
            )
        experiment = self._client.create_experiment(EXPERIMENT).experiment_id
        name = f"{record.scenario} {record.window['since']} v{record.asked_of}"
        run = self._begun(experiment, name) or self._client.run_pipeline(
            experiment,
            name,
            params={**arguments, "reason": " ".join(each["en"] for each in record.reasons)},
            pipeline_id=pipeline,
            version_id=version,
        )
        told = f"run {run.run_id} of {self.pipeline} was submitted"
        return replace(record, status="submitted", run=run.run_id, told=(told,))

    def settled(self, record: Retraining, registry: Registry) -> Retraining:
        """The record of a submitted run as it stands now; the same where the run goes on."""
        run = self._client.get_run(record.run)
        if run.state == "SUCCEEDED":
            begun = datetime.fromisoformat(record.started)
            made = [each for each in registry.versions(record.scenario) if each.created > begun]
            if not made:
                return record.with_end("not promoted", "the run registered no new version")
            newest = max(made, key=lambda version: version.number)
            champion = registry.champion(record.scenario)
            promoted = champion is not None and champion.number == newest.number
            status: Status = "promoted" if promoted else "not promoted"
            return record.with_end(status, *newest.reasons, version=newest.number)
        if run.state in _ALIVE or not run.state:
            return record
        why = getattr(run.error, "message", "") or f"it ended as {run.state}"
        return record.with_end("failed", f"run {record.run}: {why}")

    def _newest(self) -> tuple[str | None, str | None]:
        """The ids of the pipeline and of its newest version; None where it was never uploaded."""
        pipeline = self._client.get_pipeline_id(self.pipeline)
        if pipeline is None:
            return None, None
        # The client asks for both ids, whatever its documentation says of a default version.
        told = self._client.list_pipeline_versions(pipeline, page_size=1, sort_by="created_at desc")
        versions = told.pipeline_versions or []
        return pipeline, versions[0].pipeline_version_id if versions else None

    def _begun(self, experiment: str, name: str) -> Any:
        """A run of this name that goes on or went well; None = there is none."""
        named = {"operation": "EQUALS", "key": "display_name", "stringValue": name}
        asked = json.dumps({"predicates": [named]})
        runs = self._client.list_runs(experiment_id=experiment, filter=asked).runs or []
        return next((run for run in runs if (run.state or _ALIVE[0]) in _ALIVE), None)

    @cached_property
    def _client(self) -> "Client":
        import warnings

        # In a step KFP leaves out of its packages what only compiling needs; its modules import each other in a
        # circle, which can then be entered here alone.
        import kfp.dsl.component_factory  # noqa: F401
        from kfp.client import Client

        with warnings.catch_warnings():
            # It warns of servers older than any that can be installed today.
            warnings.simplefilter("ignore")
            return Client(host=self.endpoint or None)
