"""The time that a request has, in this process and as the predictor is told it."""

import asyncio
import time

import grpc
import pytest

from serving import deadline, wire
from serving.predictor_client import PredictorClient
from serving.sources import PredictorDownError


def test_an_earlier_end_holds_inside_a_later_one_and_after_it_none_does():
    assert deadline.left(2.0) == 2.0
    with deadline.within(0.5):
        with deadline.within(60):
            assert 0.3 < deadline.left(2.0) <= 0.5
        assert deadline.left(0.1) == 0.1
    assert deadline.left(2.0) == 2.0


async def told(patience: float, timeout: float, spent: float = 0.0) -> list[float]:
    """What deadlines a server of the real protocol is told, in seconds."""
    seen: list[float] = []

    async def predict(request, context):
        seen.append(context.time_remaining())
        return b""

    handler = grpc.unary_unary_rpc_method_handler(predict)
    server = grpc.aio.server()
    service = grpc.method_handlers_generic_handler(
        "tensorflow.serving.PredictionService", {"Predict": handler}
    )
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    client = PredictorClient(f"127.0.0.1:{port}", timeout=timeout)
    try:
        with deadline.within(patience):
            await asyncio.sleep(spent)
            # As an answer does: in tasks of its own.
            await asyncio.gather(client.call("recommend", {}), client.call("rank", {}))
    except PredictorDownError as error:
        assert "no time is left" in str(error)
    finally:
        await client.close()
        await server.stop(0)
    assert wire.PREDICT.endswith("PredictionService/Predict")
    return seen


@pytest.mark.parametrize(
    ("patience", "timeout", "spent", "most"), [(10, 2, 0, 2), (1, 2, 0, 1), (1.2, 2, 0.5, 0.7)]
)
def test_the_predictor_is_told_what_is_left_of_the_request(patience, timeout, spent, most):
    seen = asyncio.run(told(patience, timeout, spent))
    assert len(seen) == 2
    # gRPC rounds what it sends.
    assert all(most / 2 < seconds <= most + 0.01 for seconds in seen)


def test_a_request_without_time_is_not_sent():
    start = time.monotonic()
    assert asyncio.run(told(patience=0.05, timeout=2, spent=0.1)) == []
    assert time.monotonic() - start < 5
