"""The intake's endpoints: what is posted is checked, durable before the answer, and then shown."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serving import cloud_events, error_form, posted
from serving.admission import Admission
from serving.admitted import Admitted, changing
from serving.event_log import EVENT, ITEM, EventLog, LogDownError, Receipt, Record
from serving.faults import Faults
from serving.intake_metrics import DURABLE, RECORDS
from serving.intake_openapi import document
from serving.posted import PostedEvent, PostedItem
from serving.pusher import Pusher
from swayrec.learning.signature import Metadata
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)
_PATIENCE = 2.0
_JSON = "application/json"


class Intake:
    """The handlers over a log and the one writer of the online store, for those whom ``admission`` lets in.

    An answer is 200 when the online store has what was posted, and 202 when it is durable but the store does
    not have it yet: after two seconds the caller is not kept waiting.
    """

    def __init__(
        self, log: EventLog, pusher: Pusher, shape: Callable[[], Metadata], admission: Admission
    ) -> None:
        self._admission = admission
        self._log = log
        self._pusher = pusher
        self._shape = shape

    def app(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/events", self.events, methods=["POST"]),
            Route("/items", self.items, methods=["POST"]),
            Route("/v2/health/live", self.live),
            Route("/v2/health/ready", self.ready),
            Route("/metrics", self.metrics),
            Route("/openapi.json", self.openapi),
        ]
        handlers: dict[Any, Any] = {
            HTTPException: _refused,
            InputError: _wrong,
            LogDownError: _down,
            ClientDisconnect: _gone,
        }
        # Not as a handler of Exception: Starlette raises what that one has answered, and uvicorn logs its text.
        faults = Middleware(Faults)
        admitted = Middleware(Admitted, admission=self._admission, needs=changing("write"))
        return Starlette(routes=routes, exception_handlers=handlers, middleware=[faults, admitted])

    async def events(self, request: Request) -> Response:
        """``POST /events``: one event, a list, or CloudEvents."""
        events = await self._counted(EVENT, self._events(request))
        # Each its own instant, so that those of one request stay in its order.
        records = [event.record(datetime.fromtimestamp(self._log.tick() / 1e6, UTC)) for event in events]
        receipts, shown = await self._kept(records)
        told = [
            {"event_id": record.key, "sequence": receipt.sequence, "known": receipt.known}
            for record, receipt in zip(records, receipts, strict=True)
        ]
        return _answer("events", told, shown)

    async def items(self, request: Request) -> Response:
        """``POST /items``: one item or a list."""
        items = await self._counted(ITEM, self._items(request))
        receipts, shown = await self._kept([item.record() for item in items])
        told = [
            {"item_id": item.item_id, "sequence": receipt.sequence}
            for item, receipt in zip(items, receipts, strict=True)
        ]
        return _answer("items", told, shown)

    async def live(self, request: Request) -> Response:
        """The process runs."""
        return JSONResponse({"live": True})

    async def ready(self, request: Request) -> Response:
        """Events are taken, and what an earlier process left in the log has been shown, or cannot be now."""
        ready = self._pusher.ready
        return JSONResponse({"ready": ready}, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def metrics(self, request: Request) -> Response:
        """For Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def openapi(self, request: Request) -> Response:
        """These endpoints as OpenAPI."""
        return JSONResponse(document())

    async def _events(self, request: Request) -> list[PostedEvent]:
        behaviors = self._shape().behaviors
        body, kind = await _body(request), _content_type(request)
        headers = dict(request.headers)
        if cloud_events.is_cloud_event(kind, headers):
            found = cloud_events.parse(body, kind, headers, behaviors)
        else:
            _check_json(kind)
            found = posted.parse(posted.decoded(body), PostedEvent)
        now = time.time()
        for place, event in enumerate(found):
            posted.check(event, behaviors, now, f"events[{place}]" if len(found) > 1 else "event")
        return found

    async def _items(self, request: Request) -> list[PostedItem]:
        body = await _body(request)
        _check_json(_content_type(request))
        return posted.parse(posted.decoded(body), PostedItem)

    async def _counted(self, kind: str, work: Any) -> Any:
        try:
            return await work
        except (InputError, HTTPException):
            RECORDS.labels(kind, "refused").inc()
            raise

    async def _kept(self, records: Sequence[Record]) -> tuple[list[Receipt], bool]:
        """Appends, and waits a little for the online store."""
        began = time.perf_counter()
        receipts = await asyncio.wrap_future(self._log.append(records))
        DURABLE.observe(time.perf_counter() - began)
        for record, receipt in zip(records, receipts, strict=True):
            RECORDS.labels(record.kind, "known" if receipt.known else "stored").inc()
        shown = self._pusher.shown(max(receipt.sequence for receipt in receipts))
        try:
            async with asyncio.timeout(_PATIENCE):
                return receipts, await asyncio.wrap_future(shown)
        except TimeoutError:
            return receipts, False


def _answer(name: str, told: list[dict[str, Any]], shown: bool) -> Response:
    return JSONResponse({name: told, "shown": shown}, HTTPStatus.OK if shown else HTTPStatus.ACCEPTED)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > posted.LONGEST_BODY:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body is larger than {posted.LONGEST_BODY // 2**20} MiB; send less at once",
            )
    return bytes(body)


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _check_json(content_type: str) -> None:
    if content_type != _JSON:
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the content type is {content_type or 'not given'!r}; send {_JSON}, or events as "
            f"{cloud_events.STRUCTURED} or {cloud_events.BATCH}",
        )


async def _refused(request: Request, error: HTTPException) -> Response:
    sentences = {
        HTTPStatus.NOT_FOUND: "there is no such path; POST to /events or /items",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not for this path",
    }
    return error_form.told(
        error.status_code, sentences.get(HTTPStatus(error.status_code), error.detail), error.headers
    )


async def _wrong(request: Request, error: InputError) -> Response:
    return error_form.told(HTTPStatus.BAD_REQUEST, str(error))


async def _down(request: Request, error: LogDownError) -> Response:
    _log.error("the event log takes nothing: %s", error)
    return error_form.told(HTTPStatus.SERVICE_UNAVAILABLE, "nothing was stored; send it again later")


async def _gone(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=HTTPStatus.BAD_REQUEST)
