import math
import time

import prometheus_client
import pytest

from serving import ports
from serving.variant_metrics import answering, levels
from swayrec.operations.rollout.measured import Measured, NoFiguresError, Prometheus
from tests.prometheus_server import prometheus_of


@pytest.mark.system("prometheus")
def test_what_transformers_count_of_a_side_is_what_is_measured(tmp_path):
    variant, door = "measured/challenger", ports.free()
    server, thread = prometheus_client.start_http_server(door, "127.0.0.1")
    try:
        with prometheus_of({"transformer": f"127.0.0.1:{door}"}, tmp_path) as url:
            asked = Prometheus(url)
            until(lambda: asked.side("measured/champion", 60))
            none = asked.side("measured/champion", 60)
            assert (none.questions, none.failures, none.poorer) == (0, 0, 0) and math.isnan(none.p99)
            for number in range(50):
                with answering(variant, 2):
                    time.sleep(0.003)
                levels(variant, ["full", "category" if number < 5 else "full"])
            with pytest.raises(ZeroDivisionError), answering(variant, 3):
                raise ZeroDivisionError
            # What was counted before the first look counts too.
            until(lambda: asked.side(variant, 60).questions == 103)
            # A rate needs a change between two looks.
            with answering(variant, 0):
                pass
            until(lambda: asked.side(variant, 60).p99 > 0)
            found = asked.side(variant, 60)
            assert found == Measured(103, 3, 5, found.p99) and 0 < found.p99 < 3
    finally:
        server.shutdown()
        thread.join()


def until(done, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except NoFiguresError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_prometheus_that_is_away_is_one_sentence():
    with pytest.raises(NoFiguresError, match=r"http://127.0.0.1:9: Prometheus does not answer"):
        Prometheus("http://127.0.0.1:9/").side("x/champion", 60)
