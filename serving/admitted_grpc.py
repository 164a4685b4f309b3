"""gRPC interceptor that lets nobody in whom `serving.admission` refuses."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import grpc

from serving.admission import Admission
from serving.tokens import Scope

_STATUS = {
    HTTPStatus.UNAUTHORIZED: grpc.StatusCode.UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
}


class AdmittedInterceptor(grpc.aio.ServerInterceptor):
    """Ends a call with UNAUTHENTICATED or PERMISSION_DENIED.

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
            told = dict(context.invocation_metadata() or ())
            refusal = self._admission.refusal(scope, str(told.get("authorization", "")))
            if refusal:
                await context.abort(_STATUS[refusal.status], refusal.sentence)
            return await handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(
            answered, handler.request_deserializer, handler.response_serializer
        )
