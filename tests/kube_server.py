"""A stand-in of the Kubernetes API server for InferenceServices, by the models of KServe's own package.

It refuses fields that the models do not know, applies merge patches as RFC 7396 says, refuses a stale
resourceVersion, and reports conditions as KServe's controller does: what was asked for is seen one look later and ready
``looks`` looks later, or never. It runs no pods and knows nothing of what asks it.
"""

import copy
from contextlib import contextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.manifest_fields import models, wrong
from tests.served_app import served

PLACE = "/apis/serving.kserve.io/v1beta1/namespaces/{namespace}/inferenceservices/{name}"


def merged(there, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    there = dict(there) if isinstance(there, dict) else {}
    for name, value in patch.items():
        if value is None:
            there.pop(name, None)
        else:
            there[name] = merged(there.get(name), value)
    return there


def refused(code, message):
    return JSONResponse({"kind": "Status", "status": "Failure", "message": message, "code": code}, code)


class KubeServer:
    """``held`` are the objects by namespace and name; ``patches`` what was sent.

    ``looks`` says how often somebody has to look until a change is ready; ``never`` are storageUris that cannot be
    loaded, ``slow`` those that never become ready. ``away`` is the number of requests that get no answer, ``deaf`` that
    of those that are carried out and get none. ``before_patch`` is called with an object before a patch is applied: an
    other user of the API.
    """

    def __init__(self):
        self.held, self.patches, self.looks = {}, [], 2
        self.never, self.slow, self.away, self.deaf = set(), set(), 0, 0
        self.before_patch = lambda found: None
        self._version, self._seen = 0, {}

    def add(self, manifest, namespace="shop"):
        made = copy.deepcopy(manifest)
        made["metadata"] |= {"namespace": namespace, "generation": 1}
        self.held[namespace, made["metadata"]["name"]] = made
        self._touch(made)
        self._report(made)
        return made

    def change(self, found, **spec):
        """Somebody else changes it."""
        found["spec"] = merged(found["spec"], spec)
        found["metadata"]["generation"] += 1
        self._touch(found)

    def app(self):
        app = FastAPI()

        @app.middleware("http")
        async def lost(request, call_next):
            if self.away:
                self.away -= 1
                return refused(503, "the server is currently unable to handle the request")
            response = await call_next(request)
            if self.deaf and request.method == "PATCH":
                self.deaf -= 1
                return refused(504, "the server was unable to return a response in the time allotted")
            return response

        @app.get(PLACE)
        async def read(namespace: str, name: str):
            found = self.held.get((namespace, name))
            if found is None:
                return refused(404, f'inferenceservices.serving.kserve.io "{name}" not found')
            self._look(found)
            return found

        @app.patch(PLACE)
        async def patch(namespace: str, name: str, request: Request):
            if request.headers["content-type"] != "application/merge-patch+json":
                return refused(415, "the body of the request was in an unknown format")
            found = self.held.get((namespace, name))
            if found is None:
                return refused(404, f'inferenceservices.serving.kserve.io "{name}" not found')
            self.before_patch(found)
            told = await request.json()
            given = told.get("metadata", {}).get("resourceVersion")
            if given is not None and given != found["metadata"]["resourceVersion"]:
                return refused(
                    409, "the object has been modified; please apply your changes to the latest version"
                )
            made = merged(found, told)
            asked = {name: part for name, part in made.items() if name != "status"}
            bad = [*wrong(models(), "V1beta1InferenceService", asked, "InferenceService"), *_invalid(made)]
            if bad:
                return refused(422, "; ".join(bad))
            self.patches.append(told)
            if made["spec"] != found["spec"]:
                made["metadata"]["generation"] += 1
                self._seen.pop((namespace, name), None)
            self.held[namespace, name] = made
            self._touch(made)
            return made

        return app

    def _touch(self, found):
        self._version += 1
        found["metadata"]["resourceVersion"] = str(self._version)

    def _look(self, found):
        """KServe's controller goes one step on."""
        key = found["metadata"]["namespace"], found["metadata"]["name"]
        self._seen[key] = self._seen.get(key, 0) + 1
        if self._seen[key] <= self.looks + 1:
            self._report(found, ready=self._seen[key] > self.looks)

    def _report(self, found, ready=True):
        wanted = [("predictor", found["spec"]["predictor"])]
        wanted += [(each["predictor"]["name"], each["predictor"]) for each in found["spec"].get("canary", ())]
        state = {}
        for name, predictor in wanted:
            uri = predictor["model"]["storageUri"]
            if uri in self.never:
                state[name] = (
                    "BlockedByFailedLoad",
                    {"reason": "ModelLoadFailed", "message": f"no model at {uri}"},
                )
            elif uri in self.slow or not ready:
                state[name] = ("InProgress", None)
            else:
                state[name] = ("UpToDate", None)
        up = {name: status == "UpToDate" for name, (status, _) in state.items()}
        revision = f"{found['metadata']['name']}-predictor-{found['metadata']['generation']:05d}"
        former = (
            found.get("status", {})
            .get("components", {})
            .get("predictor", {})
            .get("latestReadyRevision", revision)
        )
        found["status"] = {
            "observedGeneration": found["metadata"]["generation"],
            "deploymentMode": found["metadata"]
            .get("annotations", {})
            .get("serving.kserve.io/deploymentMode", "Knative"),
            # The old pods go on serving: the predictor stays ready while new ones come.
            "conditions": [
                {"type": "PredictorReady", "status": "True"},
                {"type": "Ready", "status": "True" if up["predictor"] else "False"},
            ],
            "modelStatus": _model(*state["predictor"]),
            "canaryStatuses": [
                {
                    "name": name,
                    "ready": up[name],
                    "modelStatus": _model(*state[name]),
                }
                for name, _ in wanted[1:]
            ],
            "components": {
                "predictor": {
                    "latestCreatedRevision": revision,
                    "latestReadyRevision": revision if up["predictor"] else former,
                }
            },
        }


def _model(status, failure):
    return {"transitionStatus": status, **({"lastFailureInfo": failure} if failure else {})}


def _invalid(made):
    """What KServe's own admission webhook refuses."""
    canaries = made["spec"].get("canary", ())
    mode = made["metadata"].get("annotations", {}).get("serving.kserve.io/deploymentMode")
    names = [each["predictor"].get("name", "") for each in canaries]
    if canaries and mode not in ("Standard", "RawDeployment"):
        yield "spec.canary is only supported in Standard mode"
    if len(set(names)) < len(names) or "" in names:
        yield "each canary needs a name of its own"
    if sum(each.get("trafficPercent", 0) for each in canaries) > 100:
        yield "the percentages of the canaries are more than 100"
    for each in canaries:
        for field in ("maxReplicas", "scaleTarget", "scaleMetric", "autoScaling"):
            if field in each["predictor"]:
                yield f"{field} is not allowed in a canary"


@contextmanager
def kube_server():
    """The server, and a client of it."""
    from kubernetes.client import ApiClient, Configuration

    made = KubeServer()
    with served(made.app()) as url:
        # Retries of the client's own would hide that an answer is missing.
        settings = Configuration(host=url)
        settings.retries = False
        yield made, ApiClient(settings)
