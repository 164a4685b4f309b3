"""gRPC interceptor that lets nobody in whom `serving.admission` refuses."""

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import grpc

from serving.admission import Admission, Asker
from serving.client_address import grpc_peer
from serving.tokens import Scope

_STATUS = {
    HTTPStatus.UNAUTHORIZED: grpc.StatusCode.UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    HTTPStatus.TOO_MANY_REQUESTS: grpc.StatusCode.RESOURCE_EXHAUSTED,
}
_AGAIN = "grpc-retry-pushback-ms"
"""Where gRPC's own clients look for when to try again."""


class AdmittedInterceptor(grpc.aio.ServerInterceptor):
    """Ends a call with UNAUTHENTICATED, PERMISSION_DENIED or RESOURCE_EXHAUSTED.

    ``needs`` gives the scope that a method needs, by its full name; methods that it does not name are open.
    """

    def __init__(self, admission: Admission, needs: Mapping[str, Scope]) -> None:
        self._admission, self._needs = admission, needs

    async def intercept_service(self, continuation: Callable, handler_call_details: Any) -> Any:
        """See gRPC."""
        handler = await continuation(handler_call_details)
        scope = self._needs.get(handler_call_details.method)
        if handler is None or scope is None:
            return handler

        async def answered(request: Any, context: grpc.aio.ServicerContext) -> Any:
            refusal = self._admission.refusal(scope, _asker(context))
            if refusal:
                after = () if refusal.wait is None else ((_AGAIN, str(math.ceil(refusal.wait * 1000))),)
                await context.abort(_STATUS[refusal.status], refusal.sentence, after)
            return await handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(
            answered, handler.request_deserializer, handler.response_serializer
        )


def _asker(context: grpc.aio.ServicerContext) -> Asker:
    told = [(name, str(value)) for name, value in context.invocation_metadata() or ()]
    return Asker(
        peer=grpc_peer(context.peer()),
        authorization=dict(told).get("authorization", ""),
        forwarded_for=",".join(value for name, value in told if name == "x-forwarded-for"),
    )
