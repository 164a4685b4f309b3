"""Calls a predictor (ours or TensorFlow Serving) over gRPC; imports no TensorFlow."""

import logging
from collections.abc import Mapping

import grpc
import numpy as np
from grpc_health.v1 import health_pb2

from serving import deadline, wire
from serving.breaker import Breaker, SparedError
from serving.sources import PredictorDownError, VersionGoneError

_log = logging.getLogger(__name__)
_LONGEST_MESSAGE = 64 * 1024 * 1024
_ALIVE = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNIMPLEMENTED,
}
"""What a predictor says that works, of a question that it cannot answer."""
_OPTIONS = [
    # A predictor is on this machine or in this cluster, whatever proxy the environment names for the outside.
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", _LONGEST_MESSAGE),
    ("grpc.max_send_message_length", _LONGEST_MESSAGE),
    # gRPC's own back-off grows to two minutes; a predictor that comes back is to be found at once.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
]


class PredictorClient:
    """A :class:`~serving.sources.Predictor` behind ``host:port``.

    A call waits ``timeout`` seconds at most, and no longer than the whole request has (`serving.deadline`);
    the predictor is told and does not run what nobody waits for. A breaker spares one that fails, so that a
    predictor that hangs does not make every answer slow; ``part`` is its name in metrics and in the log.
    """

    def __init__(
        self, target: str, model: str = "swayrec", timeout: float = 2.0, part: str = "predictor"
    ) -> None:
        self._target = target
        self._model = model
        self._timeout = timeout
        self._channel: grpc.aio.Channel | None = None
        self._status: grpc.aio.Channel | None = None
        self._breaker = Breaker(part)

    async def call(
        self, signature: str, inputs: Mapping[str, np.ndarray], version: int | None = None
    ) -> dict[str, np.ndarray]:
        """See :class:`~serving.sources.Predictor`; ``version`` None = the newest that serves.

        Raises:
            PredictorDownError: there is no answer, or no time is left to wait for one.
            VersionGoneError: the predictor does not serve ``version``.
        """
        left = self._left()
        predict = self._connected().unary_unary(
            wire.PREDICT,
            request_serializer=wire.PredictRequest.SerializeToString,
            response_deserializer=wire.PredictResponse.FromString,
        )
        try:
            with self._breaker.attempt() as attempt:
                try:
                    response = await predict(
                        wire.request(self._model, signature, inputs, version), timeout=left
                    )
                    attempt.worked()
                except grpc.aio.AioRpcError as error:
                    late = error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
                    if error.code() in _ALIVE:
                        attempt.worked()
                    elif not late or deadline.fair(left, self._timeout):
                        attempt.failed()
                    raise
        except SparedError as error:
            raise PredictorDownError(str(error)) from None
        except grpc.aio.AioRpcError as error:
            if version is not None and error.code() == grpc.StatusCode.NOT_FOUND:
                raise VersionGoneError(error.details()) from None
            _log.error("predictor at %s: %s: %s", self._target, error.code().name, error.details())
            raise self._down(error) from None
        return wire.outputs(response)

    async def available(self) -> list[int]:
        """The versions that serve (GetModelStatus), the smallest number first.

        Raises:
            PredictorDownError: there is no answer.
        """
        if self._status is None:
            # A connection of its own: it is asked for from the start on, and where it fails, gRPC would hold
            # back the other one's tries too.
            options = [*_OPTIONS, ("grpc.use_local_subchannel_pool", 1)]
            self._status = grpc.aio.insecure_channel(self._target, options=options)
        status = self._status.unary_unary(
            wire.STATUS,
            request_serializer=wire.StatusRequest.SerializeToString,
            response_deserializer=wire.StatusResponse.FromString,
        )
        asked = wire.StatusRequest()
        asked.model_spec.name = self._model
        try:
            response = await status(asked, timeout=self._left(), wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            raise self._down(error) from None
        return sorted(each.version for each in response.model_version_status if each.state == wire.AVAILABLE)

    async def ready(self) -> bool:
        """Whether the predictor says that it serves (gRPC health)."""
        check = self._connected().unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            response = await check(health_pb2.HealthCheckRequest(), timeout=self._timeout)
        except grpc.aio.AioRpcError as error:
            # TensorFlow Serving has no health service; that it says so shows that it is there.
            return error.code() == grpc.StatusCode.UNIMPLEMENTED
        return response.status == health_pb2.HealthCheckResponse.SERVING

    async def close(self) -> None:
        """Closes the connections."""
        for channel in (self._channel, self._status):
            if channel:
                await channel.close()
        self._channel = self._status = None

    def _left(self) -> float:
        """Seconds that a call may take.

        Raises:
            PredictorDownError: none.
        """
        left = deadline.left(self._timeout)
        if left <= 0:
            raise PredictorDownError(f"no time is left to ask the predictor at {self._target}")
        return left

    def _connected(self) -> grpc.aio.Channel:
        # Made at the first call: a channel belongs to the event loop that it was made in.
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self._target, options=_OPTIONS)
        return self._channel

    def _down(self, error: grpc.aio.AioRpcError) -> PredictorDownError:
        return PredictorDownError(f"the predictor at {self._target}: {error.code().name}: {error.details()}")
