"""How long a caller waits, where it says so: a request then has no more time than that.

Over gRPC every call may have a deadline. Over HTTP there is no standard; Envoy, which stands before KServe's
services, says in ``x-envoy-expected-rq-timeout-ms`` how long it will wait.
"""

from collections.abc import Callable
from typing import Any

import grpc
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from serving import deadline

HEADER = "x-envoy-expected-rq-timeout-ms"
_SHARE = 0.8
"""Of the caller's time: the rest is for the lists, where the parts took all of it, and for the way back."""


class CallersDeadline:
    """ASGI middleware that ends a request's time by :data:`HEADER`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        said = Headers(scope=scope).get(HEADER, "") if scope["type"] == "http" else ""
        # Envoy's 0 is "no end".
        if said.isdecimal() and len(said) < 10 and int(said):
            with deadline.within(int(said) / 1000 * _SHARE):
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class CallersDeadlineInterceptor(grpc.aio.ServerInterceptor):
    """The same over gRPC, by the call's own deadline."""

    async def intercept_service(self, continuation: Callable, handler_call_details: Any) -> Any:
        """See gRPC."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler

        async def answered(request: Any, context: grpc.aio.ServicerContext) -> Any:
            left = context.time_remaining()
            if left is None:
                return await handler.unary_unary(request, context)
            with deadline.within(left * _SHARE):
                return await handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(
            answered, handler.request_deserializer, handler.response_serializer
        )
