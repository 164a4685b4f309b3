"""A stand-in of the KFP API server's v2beta1 REST, as far as its own client's models tell what it takes and gives.

It stores what it is sent, refuses what the models of ``kfp-server-api`` do not know, and runs nothing: a test says
how a run went.
"""

import json
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import kfp_server_api
import yaml
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.served_app import served

V2 = "/apis/v2beta1"
_CLIENT = kfp_server_api.ApiClient()


class RefusedError(ValueError):
    """What was sent is nothing that the API knows."""


def model(kind, told):
    """A message of the API as its client's model, or RefusedError."""
    known = set(getattr(kfp_server_api, kind).attribute_map.values())
    if unknown := set(told) - known:
        raise RefusedError(f"{kind} has no field {sorted(unknown)[0]}")
    try:
        return _CLIENT.deserialize(SimpleNamespace(data=json.dumps(told)), kind)
    except (ValueError, TypeError) as error:
        raise RefusedError(f"{kind}: {error}") from None


def _matches(entry, asked):
    """Whether a filter of equalities lets it through; the API takes the operation's name or number."""
    predicates = json.loads(asked or "{}").get("predicates", [])
    if any(each["operation"] not in ("EQUALS", 1) for each in predicates):
        raise RefusedError("only equality is known here")
    return all(entry.get(each["key"]) == each["stringValue"] for each in predicates)


def _check_parameters(spec, given):
    """As the API server does: every input of the pipeline that has no default is given, and no other one is."""
    inputs = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    if unknown := sorted(set(given) - set(inputs)):
        raise RefusedError(f"the pipeline has no parameter {unknown[0]}")
    needed = {name for name, each in inputs.items() if not each.get("isOptional")}
    if missing := sorted(needed - set(given)):
        raise RefusedError(f"the parameter {missing[0]} is missing")


def spec_of(package):
    """What a package holds: the pipeline, and what it asks of Kubernetes where it asks for anything."""
    spec, *platform = yaml.safe_load_all(package)
    return {"pipeline_spec": spec, **({"platform_spec": platform[0]} if platform else {})}


class KfpServer:
    """``pipelines``, their ``versions``, ``experiments``, ``runs`` and ``recurring`` runs by id, as JSON of the API."""

    def __init__(self):
        self.pipelines, self.versions, self.experiments, self.runs, self.recurring = {}, {}, {}, {}, {}

    def add_pipeline(self, package):
        """A pipeline package as `kfp pipeline create` uploads it: its id."""
        name = {"display_name": spec_of(package)["pipeline_spec"]["pipelineInfo"]["name"]}
        made = self._kept(self.pipelines, "pipeline_id", name)
        self.add_version(made, package)
        return made

    def add_version(self, pipeline, package):
        """Another version of a pipeline: its id."""
        told = {"pipeline_id": pipeline, "pipeline_spec": spec_of(package)}
        return self._kept(self.versions, "pipeline_version_id", told)

    def app(self):
        app = FastAPI()

        @app.exception_handler(RefusedError)
        async def refused(request, error):
            return JSONResponse({"code": 3, "message": str(error)}, 400)

        @app.get(f"{V2}/healthz")
        async def healthz():
            return {"multi_user": False}

        def listed(path, kept, key):
            @app.get(f"{V2}/{path}")
            async def every(filter: str = "", experiment_id: str | None = None):
                found = [
                    each
                    for each in kept.values()
                    if _matches(each, filter) and experiment_id in (None, each.get("experiment_id"))
                ]
                return {path: found} if found else {}

            @app.get(f"{V2}/{path}/{{number}}")
            async def one(number: str):
                return (
                    kept[number] if number in kept else JSONResponse({"code": 5, "message": "not found"}, 404)
                )

        listed("pipelines", self.pipelines, "pipeline_id")
        listed("experiments", self.experiments, "experiment_id")
        listed("runs", self.runs, "run_id")

        @app.post(f"{V2}/pipelines/upload")
        async def upload(request: Request):
            form = await request.form()
            return self.pipelines[self.add_pipeline(await form["uploadfile"].read())]

        @app.post(f"{V2}/pipelines/upload_version")
        async def upload_version(request: Request, pipelineid: str, name: str):
            if pipelineid not in self.pipelines:
                raise RefusedError("pipelineid is not known")
            form = await request.form()
            made = self.add_version(pipelineid, await form["uploadfile"].read())
            self.versions[made]["display_name"] = name
            return self.versions[made]

        @app.post(f"{V2}/recurringruns")
        async def recurring(request: Request):
            told = await request.json()
            asked = model("V2beta1RecurringRun", told)
            if asked.trigger is None or asked.mode not in ("ENABLE", "DISABLE"):
                raise RefusedError("a recurring run has a trigger and a mode")
            self._check_run(asked, told)
            return self.recurring[self._kept(self.recurring, "recurring_run_id", told)]

        @app.get(f"{V2}/pipelines/{{number}}/versions")
        async def versions(number: str, sort_by: str = "", page_size: int = 20):
            found = [each for each in self.versions.values() if each["pipeline_id"] == number]
            if sort_by == "created_at desc":
                found = found[::-1]
            return {"pipeline_versions": found[:page_size]} if found else {}

        @app.post(f"{V2}/experiments")
        async def experiment(request: Request):
            told = await request.json()
            model("V2beta1Experiment", told)
            return self.experiments[self._kept(self.experiments, "experiment_id", told)]

        @app.post(f"{V2}/runs")
        async def run(request: Request):
            told = await request.json()
            asked = model("V2beta1Run", told)
            self._check_run(asked, told)
            return self.runs[self._kept(self.runs, "run_id", {**told, "state": "PENDING"})]

        return app

    def _check_run(self, asked, told):
        """What a run and a recurring run have in common."""
        if asked.experiment_id not in self.experiments:
            raise RefusedError("experiment_id is not known")
        version = asked.pipeline_version_reference
        spec = asked.pipeline_spec
        if spec is None:
            known = self.versions.get(version.pipeline_version_id) if version else None
            if known is None or known["pipeline_id"] != version.pipeline_id:
                raise RefusedError("neither a pipeline's specification nor a known version of one")
            spec = known["pipeline_spec"]
        _check_parameters(
            spec.get("pipeline_spec", spec), told.get("runtime_config", {}).get("parameters", {})
        )

    def _kept(self, kept, key, told):
        number = str(uuid.uuid4())
        kept[number] = {**told, key: number, "created_at": datetime.now(UTC).isoformat()}
        return number


@contextmanager
def kfp_server():
    """The server, and its URL."""
    made = KfpServer()
    with served(made.app()) as url:
        yield made, url
