"""`swayrec serve` while the champion changes: under load, no request fails, and the new version answers."""

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from serving.processes import Serving
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace

from .conftest import NEXT, VERSION

QUESTION = json.dumps(
    {"instances": [{"user_id": "new", "k": 2, "events": [{"item_id": "i09", "behavior": "buy"}]}]}
)


@dataclass
class Load:
    """Threads that ask without pause; what each answer said, and how long it took."""

    port: int
    said: list[tuple] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        self.threads = [threading.Thread(target=self.ask) for _ in range(4)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stop.is_set():
            start = time.monotonic()
            try:
                connection.request(
                    "POST", "/v1/models/swayrec:predict", QUESTION, {"Content-Type": "application/json"}
                )
                response = connection.getresponse()
                answer = json.loads(response.read())["predictions"][0]
                items = [item["item_id"] for item in answer["items"]]
                self.said.append((response.status, answer["level"], answer["model_version"], *items))
            except Exception as error:
                self.said.append((type(error).__name__, str(error)))
                connection.close()
            self.took.append(time.monotonic() - start)

    def until(self, version):
        """Waits until the newest answers are a version's."""
        deadline = time.monotonic() + 60
        while not self.said or any(answer[2:3] != (version,) for answer in self.said[-20:]):
            assert time.monotonic() < deadline, Counter(self.said)
            time.sleep(0.05)


def test_a_promotion_and_a_rollback_under_load_fail_no_request(workspace, wider, tmp_path):
    mine = Workspace(tmp_path / "ws").make()
    first = Current.read(workspace)
    first.write(mine)
    second = replace(first, model=wider, version=2)
    with Serving(mine) as serving, Load(serving.children["transformer"].port) as load:
        load.until(VERSION)
        second.write(mine)
        load.until(NEXT)
        first.write(mine)
        load.until(VERSION)
        second.write(mine)
        load.until(NEXT)
    answers = Counter(load.said)
    assert set(answers) == {
        (200, "session", VERSION, "i09", "i00"),
        (200, "session", NEXT, "i09", "i00"),
    }, answers
    assert min(answers.values()) > 20
    log = serving.children["predictor"].log.read_text()
    assert log.count("is unloaded") == 3
    assert "Traceback" not in log + serving.children["transformer"].log.read_text()
