"""KServe's InferenceService that serves a scenario's champion: read, and patched to serve another version.

In Standard mode (KServe 0.20 and newer) a canary is an entry of ``spec.canary``: a Deployment and a Service of its own.
In Knative mode it is the newest revision with ``canaryTrafficPercent: 0``, reached by its tag. In either KServe itself
sends it nothing: a transformer puts each question to the version that it was padded for, so it is the transformer that
sends a share of the users there, always the same (`swayrec.operations.experiment`).
"""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from swayrec.operations.rollout.kube_object import ChangedError, KubeObject, Told, cluster
from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

CANARY = "challenger"
"""The canary's name, and so part of the name of its Service."""

MODE = "serving.kserve.io/deploymentMode"
TAGS = "serving.kserve.io/enable-tag-routing"
_STANDARD = ("Standard", "RawDeployment")
_AUTOSCALING = ("maxReplicas", "scaleTarget", "scaleMetric", "scaleMetricType", "autoScaling")
"""Fields of a predictor that KServe refuses in a canary: its replicas are a fixed number."""


@dataclass(frozen=True)
class Progress:
    """How far what was asked for last has come: ready, failed for good (``why``), or neither yet."""

    ready: bool
    failed: bool = False
    why: str = ""


class InferenceService:
    """One InferenceService, by name, in a namespace.

    Args:
        name: as ``kubectl get inferenceservices`` tells it.
        namespace: '' = the namespace of the pod, or of the kubeconfig's context, that this runs in.
        client: of the API server; None = that of the pod or of the kubeconfig.
        port: of a predictor's Service, which KServe opens whatever port the container has.
        sleep: waits some seconds.

    Raises:
        InputError: there is no cluster to be found.
    """

    def __init__(
        self,
        name: str,
        namespace: str = "",
        client: "ApiClient | None" = None,
        port: int = 80,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, found = (client, "default") if client else cluster()
        self.name, self.namespace, self._port = name, namespace or found, port
        place = f"/apis/serving.kserve.io/v1beta1/namespaces/{self.namespace}/inferenceservices/{name}"
        self._object = KubeObject(self._client, place, self.label, sleep)

    @property
    def label(self) -> str:
        """How messages call it."""
        return f"InferenceService {self.namespace}/{self.name}"

    def uri(self) -> str:
        """Where the model that it serves lies.

        Raises:
            InputError: it is not there, or has no model with a storageUri.
        """
        return self._uri(self._object.read())

    def canary_uri(self) -> str | None:
        """Where the model of its canary lies; None = there is none."""
        return self._canary_uri(self._object.read())

    def canary_address(self) -> str:
        """``host:port`` where the canary's predictor answers."""
        if self._is_standard(self._object.read()):
            return f"{self.name}-{CANARY}-predictor.{self.namespace}:{self._port}"
        return f"latest-{self.name}-predictor.{self.namespace}:{self._port}"

    def begin_canary(self, uri: str, share: float) -> None:
        """Starts a predictor with another model beside the one that serves; the same again changes nothing.

        Args:
            uri: of the model folder.
            share: of the users that it will answer; sizes it where the other has a fixed number of replicas.

        Raises:
            ChangedError: another canary runs.
            InputError: the service is not there or refuses it.
        """

        def change(found: Told) -> Told | None:
            running = self._canary_uri(found)
            if running == uri:
                return None
            if running is not None:
                raise ChangedError(f"{self.label}: another canary runs ({running}); withdraw it first")
            if not self._is_standard(found):
                predictor = {"canaryTrafficPercent": 0, "model": {"storageUri": uri}}
                return {"metadata": {"annotations": {TAGS: "true"}}, "spec": {"predictor": predictor}}
            other: Told = copy.deepcopy(found["spec"]["predictor"])
            for field in _AUTOSCALING:
                other.pop(field, None)
            other |= {"name": CANARY, "minReplicas": max(1, math.ceil(share * other.get("minReplicas", 1)))}
            other["model"]["storageUri"] = uri
            return {"spec": {"canary": [{"trafficPercent": 0, "predictor": other}]}}

        self._object.change(change)

    def withdraw_canary(self, back: str) -> None:
        """Ends the canary; nothing where there is none.

        Args:
            back: what served before it; Knative is told so, since there the canary is the newest revision.
        """

        def change(found: Told) -> Told | None:
            if self._canary_uri(found) is None:
                return None
            if self._is_standard(found):
                return {"spec": {"canary": None}}
            return {"spec": {"predictor": {"canaryTrafficPercent": None, "model": {"storageUri": back}}}}

        self._object.change(change)

    def serve(self, uri: str, former: str) -> None:
        """Serves another model; a canary of Standard mode runs on meanwhile, one of Knative becomes it.

        Args:
            uri: of the model folder.
            former: what it serves now, as far as the caller knows.

        Raises:
            ChangedError: it serves something else by now.
        """

        def change(found: Told) -> Told | None:
            now, canary = self._uri(found), self._canary_uri(found)
            if now == uri and (canary is None or self._is_standard(found)):
                return None
            # In Knative mode the newest revision, the canary, has the storageUri.
            if now != former and not (canary == uri and not self._is_standard(found)):
                raise ChangedError(f"{self.label} serves {now} by now, not {former}; look who changed it")
            predictor: Told = {"model": {"storageUri": uri}}
            if not self._is_standard(found):
                predictor["canaryTrafficPercent"] = None
            return {"spec": {"predictor": predictor}}

        self._object.change(change)

    def progress(self) -> Progress:
        """How far the service is with what was asked for last, its canary with it.

        Raises:
            UnreachableError: the API server does not answer.
            InputError: the service is not there.
        """
        found = self._object.read()
        status = found.get("status", {})
        models = [status.get("modelStatus", {})]
        canaries = {each["name"]: each for each in status.get("canaryStatuses", ())}
        wanted = [each["predictor"]["name"] for each in found["spec"].get("canary") or ()]
        models += [canaries.get(name, {}).get("modelStatus", {}) for name in wanted]
        for model in models:
            if model.get("transitionStatus") in ("BlockedByFailedLoad", "InvalidSpec"):
                told = model.get("lastFailureInfo", {})
                return Progress(
                    False, True, told.get("message") or told.get("reason") or "the model cannot be loaded"
                )
        generation = found["metadata"].get("generation", 0)
        if status.get("observedGeneration", generation) < generation:
            return Progress(False, why="KServe has not seen the change yet")
        conditions = {each["type"]: each for each in status.get("conditions", ())}
        ready = conditions.get("Ready", {})
        if ready.get("status") != "True":
            return Progress(False, why=ready.get("message") or "it is not ready")
        late = [name for name in wanted if not canaries.get(name, {}).get("ready")]
        if late:
            return Progress(False, why=f"the canary {late[0]} is not ready")
        component = status.get("components", {}).get("predictor", {})
        if component.get("latestCreatedRevision") != component.get("latestReadyRevision"):
            return Progress(False, why=f"revision {component.get('latestCreatedRevision')} is not ready")
        if models[0].get("transitionStatus", "UpToDate") != "UpToDate":
            return Progress(False, why="the model is being loaded")
        return Progress(True)

    def _uri(self, found: Told) -> str:
        uri = found["spec"]["predictor"].get("model", {}).get("storageUri")
        if not uri:
            raise InputError(
                f"{self.label} has no spec.predictor.model.storageUri; apply k8s/overlays first, with a registered "
                "version's place in it"
            )
        return str(uri)

    def _canary_uri(self, found: Told) -> str | None:
        if not self._is_standard(found):
            percent = found["spec"]["predictor"].get("canaryTrafficPercent")
            return None if percent is None else self._uri(found)
        entries = found["spec"].get("canary") or ()
        return entries[0]["predictor"]["model"]["storageUri"] if entries else None

    @staticmethod
    def _is_standard(found: Told) -> bool:
        """By what KServe says it does, else by what it is asked for."""
        annotations = found["metadata"].get("annotations", {})
        mode = found.get("status", {}).get("deploymentMode") or annotations.get(MODE, "Knative")
        return mode in _STANDARD
