"""A gRPC service out of methods that raise what is wrong: bytes are read, and errors get their status."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from serving.faults import fault
from serving.refusals import ExpiredError, InvalidRequestError, NotServedError, OverloadedError

_STATUS = {
    InvalidRequestError: grpc.StatusCode.INVALID_ARGUMENT,
    NotServedError: grpc.StatusCode.NOT_FOUND,
    ExpiredError: grpc.StatusCode.DEADLINE_EXCEEDED,
    OverloadedError: grpc.StatusCode.UNAVAILABLE,
}

Method = Callable[[Any, grpc.aio.ServicerContext], Awaitable[Any]]


def service(name: str, methods: Mapping[str, tuple[Method, type]]) -> grpc.GenericRpcHandler:
    """The handler of a service: its methods by name, each with the message that it takes.

    gRPC's own reading answers a message that is none with INTERNAL and a traceback in the log; here it is
    INVALID_ARGUMENT, since the fault is the caller's.
    """
    return grpc.method_handlers_generic_handler(
        name,
        {
            method: grpc.unary_unary_rpc_method_handler(
                _guarded(behavior, message),
                response_serializer=lambda response: response.SerializeToString(),
            )
            for method, (behavior, message) in methods.items()
        },
    )


def _guarded(behavior: Method, message: type) -> Callable[[bytes, grpc.aio.ServicerContext], Awaitable[Any]]:
    async def answered(sent: bytes, context: grpc.aio.ServicerContext) -> Any:
        try:
            request = message.FromString(sent)  # type: ignore[attr-defined]
        except DecodeError:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"the message is no {message.__name__} of TensorFlow Serving",
            )
        try:
            return await behavior(request, context)
        except tuple(_STATUS) as error:
            await context.abort(_STATUS[type(error)], str(error))
        except Exception as error:
            # What the graph says may hold what was asked; a caller gets a status that it can act on.
            await context.abort(grpc.StatusCode.INTERNAL, fault(error))

    return answered
