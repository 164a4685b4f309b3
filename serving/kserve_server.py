"""KServe's servers as this project runs them: on one address, with a fixed model, honest and quiet.

kserve parses ``sys.argv`` when it is imported: import this module with it emptied (`serving.transformer`).
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import grpc
from fastapi import FastAPI, Request
from fastapi.responses import ORJSONResponse, Response
from kserve import Model, ModelServer
from kserve.errors import InvalidInput, ModelNotReady
from kserve.logging import configure_logging
from kserve.model_server import FASTAPI_APP_IMPORT_STRING
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.grpc import grpc_predict_v2_pb2_grpc
from kserve.protocol.grpc.server import GRPCServer
from kserve.protocol.grpc.servicer import InferenceServicer
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer
from kserve.protocol.rest.v1_endpoints import V1Endpoints
from starlette.routing import Route
from starlette.types import ASGIApp

from serving import event_loop, gorse, kserve_errors
from serving.admission import EVERYONE, Admission
from serving.admitted import LOOKING, Admitted
from serving.admitted_grpc import AdmittedInterceptor
from serving.body_limit import LONGEST_BODY, BodyLimit
from serving.callers_deadline import CallersDeadline, CallersDeadlineInterceptor
from serving.faults import Faults
from serving.inference_request import LENGTH, inference_request
from serving.kserve_log import quiet
from serving.openapi import document
from serving.tokens import Scope
from swayrec.tables.errors import InputError

_NEEDS: dict[str, Scope] = {
    "ModelInfer": "read",
    "RepositoryModelLoad": "admin",
    "RepositoryModelUnload": "admin",
}
"""What methods of v2 need; those that are not here say how the server is, to everyone."""


class LoopbackServer(ModelServer):
    """KServe's REST and gRPC servers on one host (kserve itself always takes every address), without a log line
    a request.

    ``grpc_port`` None = no gRPC. ``beside`` are jobs that run as long as the server does, ``admission`` decides
    who is answered, ``doors`` are further applications by their path.
    """

    def __init__(
        self,
        host: str,
        port: int,
        grpc_port: int | None = None,
        beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
        admission: Admission = EVERYONE,
        doors: Mapping[str, ASGIApp] | None = None,
    ) -> None:
        configure_logging(quiet())
        super().__init__(
            http_port=port,
            grpc_port=grpc_port or 0,
            enable_grpc=grpc_port is not None,
            workers=1,
            enable_latency_logging=False,
        )
        self._host = host
        self._beside = beside
        self._admission = admission
        self._doors = doors or {}
        self.model_repository_extension = FixedModels(self.registered_models)
        self.dataplane = HonestDataPlane(self.registered_models)

    def start(self, models: list[Model]) -> None:
        """Serves the models until SIGTERM or SIGINT; requests in flight are finished first."""
        self._register_and_check_atleast_one_model_is_ready(models)
        self._rest_server = Rest(
            FASTAPI_APP_IMPORT_STRING,
            self.dataplane,
            self.model_repository_extension,
            self.http_port,
            grace_period=self.grace_period,
            timeout_keep_alive=self.timeout_keep_alive,
        )
        self._rest_server.config.host = self._host
        # uvicorn would believe X-Forwarded-For of everyone on this machine; `serving.client_address` does not.
        self._rest_server.config.proxy_headers = False
        self._rest_server.admission, self._rest_server.doors = self._admission, self._doors
        self.servers.append(self._rest_server.start())
        if self.enable_grpc:
            self._grpc_server = Grpc(
                self._host,
                self.grpc_port,
                self.dataplane,
                self.model_repository_extension,
                self.grace_period,
                self._admission,
            )
            self.servers.append(self._grpc_server.start())
        self.register_signal_handler()
        event_loop.run(self._serve())

    async def _serve(self) -> None:
        jobs = [asyncio.create_task(job()) for job in self._beside]
        try:
            await super()._serve()
        finally:
            for job in jobs:
                job.cancel()


class Rest(RESTServer):
    """KServe's REST endpoints with our limits and our errors, and a strict door to v2's infer.

    ``admission`` and ``doors`` are set before it starts.
    """

    admission: Admission
    doors: Mapping[str, ASGIApp]

    def _register_endpoints(self, app: FastAPI) -> None:
        # The first route that fits is taken: KServe's own drops fields that it does not know.
        app.add_api_route("/v2/models/{model_name}/infer", self._infer, methods=["POST"], response_model=None)
        # KServe's own answer to the one request that most are, without FastAPI's look for what it depends on.
        app.router.routes.append(Route("/v1/models/{model_name}:predict", self._predict, methods=["POST"]))
        self._v1 = V1Endpoints(self.dataplane, self.model_repository_extension)
        super()._register_endpoints(app)
        for path, door in self.doors.items():
            app.mount(path, door)
        [model] = self.dataplane.model_registry.get_models()
        app.openapi = partial(document, model)  # type: ignore[method-assign]

    async def _predict(self, request: Request) -> Response:
        """Questions as JSON objects (v1)."""
        return await self._v1.predict(request.path_params["model_name"], request)  # type: ignore[return-value]

    async def _infer(self, model_name: str, request: Request) -> Response:
        """Questions in tensors (v2)."""
        headers = dict(request.headers)
        if not await self.dataplane.model_ready(model_name, True):
            raise ModelNotReady(model_name)
        asked = inference_request(await request.body(), headers.get(LENGTH), model_name)
        answer, _ = await self.dataplane.infer(model_name=model_name, request=asked, headers=headers)
        content, length = answer.to_rest()
        if length is None:
            return ORJSONResponse(content)
        return Response(content, headers={LENGTH: str(length)}, media_type="application/octet-stream")

    def _add_middlewares(self, app: FastAPI) -> None:
        app.add_middleware(CallersDeadline)
        app.add_middleware(BodyLimit)
        app.add_middleware(Admitted, admission=self.admission, needs=_needs)
        app.add_middleware(Faults)

    def _add_exception_handlers(self, app: FastAPI) -> None:
        kserve_errors.add_handlers(app)


class Grpc(GRPCServer):
    """KServe's gRPC service on one host, with our limits and our errors."""

    def __init__(
        self,
        host: str,
        port: int,
        plane: DataPlane,
        models: ModelRepositoryExtension,
        grace: int,
        admission: Admission,
    ) -> None:
        super().__init__(port, plane, models, {}, grace)
        self._host = host
        self._admitted = AdmittedInterceptor(
            admission, {f"/inference.GRPCInferenceService/{name}": scope for name, scope in _NEEDS.items()}
        )

    async def start(self, max_workers: int = 1) -> None:
        """Serves until `stop`.

        Raises:
            InputError: the port is taken.
        """
        # Without so_reuseport a second server on the port fails instead of sharing its callers.
        options = [("grpc.max_receive_message_length", LONGEST_BODY), ("grpc.so_reuseport", 0)]
        interceptors = [self._admitted, kserve_errors.GrpcStatus(), CallersDeadlineInterceptor()]
        self._server = grpc.aio.server(interceptors=interceptors, options=options)
        servicer = InferenceServicer(self._data_plane, self._model_repository_extension)
        grpc_predict_v2_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(servicer, self._server)
        try:
            self._server.add_insecure_port(f"{self._host}:{self._port}")
        except RuntimeError:
            raise InputError(f"port {self._port} is in use; stop the program that holds it") from None
        await self._server.start()
        await self._server.wait_for_termination()


def _needs(method: str, path: str) -> Scope | None:
    if path.startswith("/api/"):
        return gorse.needs(path)
    if method in LOOKING:
        return None
    return "admin" if path.startswith("/v2/repository/") else "read"


class FixedModels(ModelRepositoryExtension):
    """Refuses the repository extension: one call of a stranger would take the service down for everyone."""

    async def load(self, model_name: str) -> None:
        """Refused.

        Raises:
            NotOfferedError: always.
        """
        raise kserve_errors.NotOfferedError(
            "models are not loaded or unloaded over the network; swayrec models chooses what is served"
        )

    unload = load


class HonestDataPlane(DataPlane):
    """What KServe says of itself, true of this server."""

    def metadata(self) -> dict[str, Any]:
        """Name, version and the extensions that are there."""
        return {**super().metadata(), "extensions": ["binary_tensor_data"]}

    async def ready(self) -> bool:
        """Whether every model can answer; KServe itself always says yes."""
        models = list(self._model_registry.get_models())
        return bool(models) and all([await self._model_registry.is_model_ready(name) for name in models])

    def decode(self, body: Any, headers: Any, *args: Any, **named: Any) -> Any:
        """See DataPlane.

        Raises:
            InvalidInput: the body cannot be read, whatever KServe stumbled over.
        """
        try:
            return super().decode(body, headers, *args, **named)
        except InvalidInput:
            raise
        except Exception:
            raise InvalidInput("the request cannot be read; send it as the endpoint's page shows") from None

    async def explain(self, *args: Any, **named: Any) -> Any:
        """See DataPlane; KServe would send the request's own headers back."""
        response, _ = await super().explain(*args, **named)
        return response, {}
