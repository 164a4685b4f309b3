from pathlib import Path

import pytest

from tests.processes import processes_of
from tests.redis_server import RedisServer


@pytest.mark.system("redis-server")
def test_the_tests_own_redis_keeps_what_it_answered_through_a_kill_and_leaves_no_process(tmp_path):
    with RedisServer(tmp_path) as server:
        first, second = server.database(), server.database()
        server.client(first).set("name", "kept")
        server.kill()
        server.start_again()
        assert server.client(first).get("name") == "kept"
        assert server.client(second).get("name") is None
        mine = Path(f"127.0.0.1:{server.port}")  # how Redis calls itself
        assert len(processes_of(mine)) == 1
    assert processes_of(mine) == []
