"""The recommender as a BentoML service: KServe's v1 requests, answered from a workspace, without Kubernetes.

``swayrec models bento VERSION`` builds a bento of it, ``bentoml serve`` serves that.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import bentoml
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from serving.admitted import Admitted, changing
from serving.bento_model import Model
from serving.bento_predictor import BentoPredictor
from serving.body_limit import BodyLimit
from serving.callers_deadline import CallersDeadline
from serving.current_model import CurrentModel
from serving.error_form import told
from serving.faults import Faults, fault
from serving.protection import Protection
from serving.question import Question, Why
from serving.sides import Sides
from serving.supplies import Supplies
from serving.v1 import V1, NotReadyError, named
from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations.bento import ALIAS, DO_NOT_TRACK, WORKSPACE
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

_JSON = "application/json"


class _Unread(bentoml.IODescriptor):
    """A body that BentoML shows to people and clients and does not read: `serving.v1` checks it as at every door."""

    @classmethod
    async def from_http_request(cls, request: Request, serde: Any) -> Self:
        """Nothing of it."""
        return cls.model_construct(instances=[])


class Questions(_Unread):
    """The body of ``:predict``."""

    instances: list[Question]


class Whys(_Unread):
    """The body of ``:explain``."""

    instances: list[Why]


class Predictions(bentoml.IODescriptor):
    """What ``:predict`` answers, in the form of docs/endpoints.md."""

    predictions: list[dict[str, Any]]


class Explanations(bentoml.IODescriptor):
    """What ``:explain`` answers, in the form of docs/endpoints.md."""

    predictions: list[float]
    explanations: list[dict[str, Any]]


@bentoml.service(
    name="swayrec",
    workers=1,
    http={"host": "127.0.0.1"},
    traffic={"timeout": 10},
    # A line a request would halve the throughput.
    logging={"access": {"enabled": False}},
    # Asked in __is_ready__: while the model is away, the lists answer.
    runner_probe={"enabled": False},
    envs=[{"name": WORKSPACE}, {"name": DO_NOT_TRACK, "value": "True"}],
)
class Service:
    """Recommendations with their reasons, from one version of a model and the workspace that it is served in."""

    model = bentoml.depends(Model)

    def __init__(self) -> None:
        logging.getLogger("serving").setLevel(logging.INFO)
        workspace, base_path = _workspace(), Path(bentoml.models.get(ALIAS).path)
        shape = _agreed(workspace, base_path)
        self._supplies = Supplies(workspace, shape)
        self._predictor = BentoPredictor(self.model, shape.version)
        self._sides = Sides(CurrentModel(base_path, self._predictor, self._supplies.answering))
        self._v1 = V1(self._sides)
        self._beside: list[asyncio.Task] = []
        self._was_ready = False

    @bentoml.on_deployment
    @staticmethod
    def check() -> None:
        """Refuses in one sentence, before a process starts, what cannot be answered from or is set wrongly."""
        try:
            _agreed(_workspace(), Path(bentoml.models.get(ALIAS).path))
            Protection.of().admission()
        except InputError as error:
            raise bentoml.exceptions.BentoMLException(str(error)) from None

    @bentoml.on_startup
    async def begin(self) -> None:
        """Starts what keeps lists and rules fresh."""
        self._beside = [
            asyncio.create_task(job()) for job in self._supplies.beside(lambda: self._sides.shapes)
        ]

    @bentoml.on_shutdown
    async def end(self) -> None:
        """Ends it; then the disk has all that was shown."""
        for job in self._beside:
            job.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    async def __is_ready__(self) -> bool:
        """As KServe's door is ready, but not before the model, which takes some seconds to load, was there once."""
        self._was_ready = self._was_ready or await self._predictor.ready()
        return self._was_ready and await self._sides.now.ready()

    @bentoml.api(route="/v1/models/swayrec:predict", input_spec=Questions, output_spec=Predictions)
    async def predict(self, instances: list[Question], ctx: bentoml.Context) -> Response:
        """Recommends, ranks candidates, or says what is similar to an item."""
        return await _answered(ctx, self._v1.predict)

    @bentoml.api(route="/v1/models/swayrec:explain", input_spec=Whys, output_spec=Explanations)
    async def explain(self, instances: list[Why], ctx: bentoml.Context) -> Response:
        """Says why an item would be recommended."""
        return await _answered(ctx, self._v1.explain)


class _Admitted(Admitted):
    """As the process's environment says; while a bento is built, there is none to ask."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, Protection.of().admission(), changing("read"))


# The first one is the outermost.
for _middleware in (Faults, _Admitted, BodyLimit, CallersDeadline):
    Service.add_asgi_middleware(_middleware)  # type: ignore[attr-defined]


async def _answered(ctx: bentoml.Context, work: Callable[[Any, str], Awaitable[dict[str, Any]]]) -> Response:
    response = await _response(ctx.request, work)
    # BentoML gives the response the context's status.
    ctx.response.status_code = response.status_code
    return response


async def _response(request: Request, work: Callable[[Any, str], Awaitable[dict[str, Any]]]) -> Response:
    try:
        body = _decoded(await request.body(), request.headers.get("content-type", _JSON))
        answer = await work(body, named(request.headers))
    except InputError as error:
        return told(HTTPStatus.BAD_REQUEST, str(error))
    except NotReadyError as error:
        return told(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    except Exception as error:
        # BentoML would write its text to the log.
        return told(HTTPStatus.INTERNAL_SERVER_ERROR, fault(error))
    return Response(orjson.dumps(answer), media_type=_JSON)


def _decoded(body: bytes, content_type: str) -> Any:
    """As KServe does it: what does not say that it is JSON is left as it came."""
    if content_type != _JSON:
        return body
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError(f"Unrecognized request format: {error}") from None


def _workspace() -> Workspace:
    given = os.environ.get(WORKSPACE, "")
    # BentoML's processes work in a folder of the bento.
    if not Path(given).is_absolute():
        raise InputError(
            f"{WORKSPACE} is {given!r}; it must be the whole path of a workspace, from the root on"
        )
    return Workspace(Path(given))


def _agreed(workspace: Workspace, base_path: Path) -> Metadata:
    """The model's metadata.

    Raises:
        InputError: nothing has been trained in the workspace, or it stands at another scenario than the model.
    """
    shape = Metadata.read(newest(base_path))
    there = Metadata.read(newest(Current.read(workspace).model)).scenario
    if there != shape.scenario:
        raise InputError(
            f"{workspace.root}: the workspace stands at scenario {there}, the bento's model is of {shape.scenario}; "
            f"give the workspace of {shape.scenario} in {WORKSPACE}"
        )
    return shape
