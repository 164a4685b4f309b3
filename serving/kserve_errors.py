"""What an error is to a caller: a status and one sentence, the same over REST and gRPC.

KServe's own handlers send the text of any exception to the caller and a traceback of it to the log.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import grpc
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from google.protobuf.message import DecodeError
from kserve.errors import InferenceError, InvalidInput, ModelNotFound, ModelNotReady, ServerNotReady
from kserve.protocol.grpc.interceptors import ExceptionToStatusInterceptor
from starlette.exceptions import HTTPException

from serving.error_form import told
from serving.faults import fault
from serving.v1 import NotReadyError

_NO_VERSIONS = "the endpoints name no version; ask without /versions/..., each answer says its model_version"
_LONGEST = 600
"""Letters of a sentence."""


class NotOfferedError(NotImplementedError):
    """KServe has it, this server does not."""


_STATUSES: tuple[tuple[type[Exception], HTTPStatus, grpc.StatusCode], ...] = (
    (InvalidInput, HTTPStatus.BAD_REQUEST, grpc.StatusCode.INVALID_ARGUMENT),
    (ModelNotFound, HTTPStatus.NOT_FOUND, grpc.StatusCode.NOT_FOUND),
    (NotOfferedError, HTTPStatus.FORBIDDEN, grpc.StatusCode.PERMISSION_DENIED),
    (ModelNotReady, HTTPStatus.SERVICE_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
    (NotReadyError, HTTPStatus.SERVICE_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
    (ServerNotReady, HTTPStatus.SERVICE_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
    (InferenceError, HTTPStatus.INTERNAL_SERVER_ERROR, grpc.StatusCode.INTERNAL),
)


def add_handlers(app: FastAPI) -> None:
    """Puts our handlers in the place of KServe's."""
    for kind, status, _ in _STATUSES:
        app.add_exception_handler(kind, _handler(status))
    app.add_exception_handler(NotImplementedError, _no_version)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)


class GrpcStatus(ExceptionToStatusInterceptor):
    """The same over gRPC: a status code and the sentence as its details."""

    async def intercept_service(self, continuation: Callable, handler_call_details: Any) -> Any:
        """Reads messages itself: gRPC tells its own error of bytes that are none, with a traceback in the log."""
        handler = await super().intercept_service(continuation, handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler

        def read(sent: bytes) -> Any:
            try:
                return handler.request_deserializer(sent)
            except DecodeError:
                return None

        async def answered(request: Any, context: Any) -> Any:
            if request is None:
                await context.abort(
                    grpc.StatusCode.INVALID_ARGUMENT, "the message is none of v2's inference protocol"
                )
            return await handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(answered, read, handler.response_serializer)

    async def handle_exception(
        self, ex: Exception, request_or_iterator: Any, context: Any, method_name: str
    ) -> None:
        """Ends the call."""
        for kind, _, code in _STATUSES:
            if isinstance(ex, kind):
                await context.abort(code, _sentence(ex))
        if isinstance(ex, NotImplementedError):
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, _NO_VERSIONS)
        await context.abort(grpc.StatusCode.INTERNAL, fault(ex))


def _handler(status: HTTPStatus) -> Callable:
    async def handle(request: Request, error: Exception) -> JSONResponse:
        return told(status, _sentence(error))

    return handle


def _sentence(error: Exception) -> str:
    """An error's text in one line with an end: KServe repeats a model's name, however long it is."""
    return " ".join(str(error).split())[:_LONGEST]


async def _no_version(request: Request, error: Exception) -> JSONResponse:
    return told(HTTPStatus.NOT_FOUND, _NO_VERSIONS)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return told(error.status_code, f"there is nothing at {request.url.path[:200]}")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer = told(error.status_code, f"{request.method} is not for this path")
        answer.headers.update(error.headers or {})
        return answer
    return told(error.status_code, str(error.detail))


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return told(HTTPStatus.BAD_REQUEST, "the request is not in the form of this endpoint")
