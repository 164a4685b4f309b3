"""KServe's server as this project runs it: on one address, with a fixed model, honest and quiet.

kserve parses ``sys.argv`` when it is imported: import this module with it emptied (`serving.transformer`).
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import FastAPI
from kserve import Model, ModelServer
from kserve.errors import InvalidInput
from kserve.logging import configure_logging
from kserve.model_server import FASTAPI_APP_IMPORT_STRING
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer

from serving import kserve_errors
from serving.body_limit import BodyLimit
from serving.kserve_log import quiet


class LoopbackServer(ModelServer):
    """KServe's REST server on one host (kserve itself always takes 0.0.0.0), without a log line a request.

    ``beside`` are jobs that run as long as the server does.
    """

    def __init__(
        self, host: str, port: int, beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    ) -> None:
        configure_logging(quiet())
        super().__init__(http_port=port, enable_grpc=False, workers=1, enable_latency_logging=False)
        self._host = host
        self._beside = beside
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
        self.servers.append(self._rest_server.start())
        self.setup_event_loop()
        self.register_signal_handler()
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        jobs = [asyncio.create_task(job()) for job in self._beside]
        try:
            await super()._serve()
        finally:
            for job in jobs:
                job.cancel()


class Rest(RESTServer):
    """KServe's REST endpoints with our limits and our errors."""

    def _add_middlewares(self, app: FastAPI) -> None:
        app.add_middleware(BodyLimit)
        app.add_middleware(kserve_errors.Faults)

    def _add_exception_handlers(self, app: FastAPI) -> None:
        kserve_errors.add_handlers(app)


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
