"""A bento, built and served as people do it, beside KServe's door to the same workspace."""

import hashlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import bentoml
import pytest

from serving import ports, protection
from serving.processes import Serving
from swayrec.operations import bento, exposures
from swayrec.operations.current import Current
from tests import registered

from .conftest import VERSION
from .intake_world import workspace

PREDICT, EXPLAIN = "/v1/models/swayrec:predict", "/v1/models/swayrec:explain"
ITEMS = [f"i{number:02d}" for number in range(30)]
USERS = [f"user{number}" for number in range(12)]
BEHAVIORS = ("view", "buy")
SESSION = [{"item_id": "i09", "behavior": "buy"}]
TOKEN = "a token that only the shop has"


@pytest.fixture(scope="module")
def place(tmp_path_factory, model_folder):
    chance = random.Random(1)
    events = [
        (user, chance.choice(ITEMS), chance.choice(BEHAVIORS), minutes)
        for user in USERS
        for minutes in range(chance.randint(1, 30))
    ]
    made = workspace(
        tmp_path_factory.mktemp("bento") / "ws", events, {item: f"Item {item}" for item in ITEMS}
    )
    replace(Current.read(made), model=model_folder).write(made)
    return made


@pytest.fixture(scope="module")
def version(model_folder):
    return registered.version(model_folder, 3, fingerprint="0123456789abcdef")


@pytest.fixture(scope="module")
def tag(place, version):
    bento.build(place, version)
    # What stands there already is made anew.
    return bento.build(place, version)


def surroundings(place, **more):
    """The environment of `bentoml serve`: without the checkout's code, without a network, telemetry not turned off."""
    given = {**bento.environment(place), "TF_CPP_MIN_LOG_LEVEL": "3", "__BENTOML_DEBUG_USAGE": "True", **more}
    given |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    return {name: value for name, value in given.items() if name not in ("PYTHONPATH", bento.DO_NOT_TRACK)}


def command(tag, port):
    return [sys.executable, "-m", "bentoml", "serve", tag, "--port", str(port)]


@dataclass
class Door:
    """Where a server answers, and what it wrote."""

    port: int
    log: Path
    pid: int

    def ask(self, path, body=None, content_type="application/json", **headers):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {TOKEN}", **headers}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def told(self, path, body, *more, **headers):
        status, text = self.ask(path, body, *more, **headers)
        return status, json.loads(text)

    def is_ready(self):
        try:
            return self.ask("/readyz")[0] == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def doors(place, tag, tmp_path_factory):
    """KServe's and BentoML's, started beside each other."""
    folder, port = tmp_path_factory.mktemp("served"), ports.free()
    log = folder / "bento.log"
    (folder / "tokens").write_text(f"shop {hashlib.sha256(TOKEN.encode()).hexdigest()} read")
    given = {bento.WORKSPACE: str(place.root), protection.TOKENS: str(folder / "tokens")}
    with log.open("wb") as file:
        process = subprocess.Popen(
            command(tag, port),
            cwd=folder,
            env=surroundings(place, **given),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    served = Door(port, log, process.pid)
    try:
        with Serving(place) as serving:
            deadline = time.monotonic() + 90
            while not served.is_ready():
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(0.2)
            yield Door(serving.port, serving.children["transformer"].log, 0), served
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def served(doors):
    return doors[1]


def a_question(chance, number):
    """Any question that can be answered."""
    asked = {"request_id": f"q{number}", "k": chance.randint(1, 12), "language": chance.choice(("en", "zh"))}
    some = chance.sample(ITEMS, chance.randint(1, 8))
    if chance.random() < 0.2:
        asked["item_id"] = chance.choice([*ITEMS, "nosuch"])
    else:
        asked["user_id"] = chance.choice([*USERS, "nobody"])
        asked["exclude_own"] = chance.random() < 0.2
        if chance.random() < 0.3:
            asked["events"] = [{"item_id": item, "behavior": chance.choice(BEHAVIORS)} for item in some]
        if chance.random() < 0.2:
            asked["candidates"] = [*some[:7], "nosuch"]
        if chance.random() < 0.2:
            asked["now"] = "2026-01-01T00:10:00Z"
    if chance.random() < 0.3:
        asked["exclude"] = chance.sample(ITEMS, 4)
    if chance.random() < 0.3:
        asked["category"] = chance.sample(["dairy", "bakery", "drinks"], chance.randint(1, 2))
        asked["category_match"] = chance.choice(("any", "all"))
    asked["reasons"] = chance.random() < 0.8
    return asked


def test_two_hundred_answers_are_those_of_kserves_door(doors, place):
    chance, number, levels = random.Random(7), 0, set()
    while number < 200:
        size = min(chance.choice((1, 1, 3, 20)), 200 - number)
        asked = {"instances": [a_question(chance, number + place) for place in range(size)]}
        number += size
        theirs, ours = (door.told(PREDICT, asked) for door in doors)
        assert theirs[0] == 200, theirs
        assert ours == theirs
        levels |= {answer["level"] for answer in ours[1]["predictions"]}
    assert levels >= {"full", "cold", "session"}
    shown = exposures.read(place.exposures / "tiny").to_pylist()
    assert len({row["request_id"] for row in shown}) > 150
    both = [row["item_id"] for row in shown if row["request_id"] == "q0"]
    assert both[: len(both) // 2] == both[len(both) // 2 :]


def test_explanations_are_those_of_kserves_door(doors):
    asked = [{"user_id": user, "item_id": item, "request_id": user} for user in USERS for item in ITEMS[:3]]
    asked.append({"item_id": "i09", "events": SESSION, "request_id": "s", "language": "zh"})
    theirs, ours = (door.told(EXPLAIN, {"instances": asked}) for door in doors)
    assert theirs[0] == 200
    assert ours == theirs


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        (PREDICT, {"instances": [{"user_id": "u", "k": 13}]}, "application/json"),
        (PREDICT, {"instances": [{"k": 3}]}, "application/json"),
        (PREDICT, {"instances": [{"user_id": 648}]}, "application/json"),
        (PREDICT, {"instances": [{"user_id": "u", "size": 3}]}, "application/json"),
        (PREDICT, {"instances": [{"user_id": "u"}] * 65}, "application/json"),
        (PREDICT, {}, "application/json"),
        (PREDICT, [1], "application/json"),
        (PREDICT, b"{", "application/json"),
        (PREDICT, b"", "application/json"),
        (PREDICT, b"\xff\xfe", "text/plain"),
        (PREDICT, b"user=u", "application/x-www-form-urlencoded"),
        (EXPLAIN, {"instances": [{"user_id": "user1", "item_id": "nosuch"}]}, "application/json"),
        (EXPLAIN, {"instances": [{"user_id": "user1"}]}, "application/json"),
    ],
)
def test_errors_are_those_of_kserves_door(doors, path, body, content_type):
    theirs, ours = (door.told(path, body, content_type) for door in doors)
    assert theirs[0] == 400
    assert ours == theirs


def test_a_body_that_is_too_large_is_refused_before_it_is_read_as_at_kserves_door(doors):
    answers = []
    for door in doors:
        connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=30)
        connection.putrequest("POST", PREDICT)
        connection.putheader("Authorization", f"Bearer {TOKEN}")
        connection.putheader("Content-Length", str(9 * 2**20))
        connection.endheaders()
        answer = connection.getresponse()
        answers.append((answer.status, json.load(answer)))
    assert answers[0][0] == 413
    assert answers[1] == answers[0]


def test_the_callers_request_id_comes_back(served):
    body = {"instances": [{"user_id": "u"}, {"user_id": "v", "request_id": "own"}]}
    answers = served.told(PREDICT, body, **{"X-Request-Id": "abc"})[1]["predictions"]
    assert [answer["request_id"] for answer in answers] == ["abc-0", "own"]


def test_bentomls_client_knows_the_endpoints(served):
    with bentoml.SyncHTTPClient(f"http://127.0.0.1:{served.port}", token=TOKEN) as client:
        [answer] = client.predict(instances=[{"user_id": "user1", "k": 2}])["predictions"]
    assert answer["level"] == "full"
    assert len(answer["items"]) == 2


def test_a_token_is_asked_for_where_a_file_of_them_is_given(served):
    body = {"instances": [{"user_id": "user1"}]}
    status, told = served.told(PREDICT, body, Authorization="")
    assert status == 401
    assert "this needs a token" in told["error"]
    assert served.told(PREDICT, body, Authorization="Bearer other")[0] == 401
    assert served.ask("/readyz", Authorization="")[0] == 200


def batches(door):
    """How many batches `recommend` was run in so far, and how many callers' questions they held."""
    text = door.ask("/metrics")[1]
    found = [
        sum(
            map(
                float,
                re.findall(rf'adaptive_batch_size_{name}{{[^}}]*method_name="recommend".*}} (\S+)', text),
            )
        )
        for name in ("count", "sum")
    ]
    return found[0], found[1]


def in_a_row(door, body, times):
    """What one caller hears who asks again and again."""
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=30)
    heard = []
    for _ in range(times):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
        connection.request("POST", PREDICT, json.dumps(body), headers)
        answer = connection.getresponse()
        heard.append((answer.status, json.load(answer)["predictions"][0]["level"]))
    return heard


def test_questions_that_come_at_once_are_run_in_batches_and_none_falls_to_the_lists(served):
    body = {"instances": [{"user_id": "nobody", "k": 2, "events": SESSION}]}
    before = batches(served)
    with ThreadPoolExecutor(16) as callers:
        answers = [
            answer for some in callers.map(lambda _: in_a_row(served, body, 15), range(16)) for answer in some
        ]
    assert {status for status, _ in answers} == {200}
    assert {level for _, level in answers} == {"session"}
    count, rows = (now - then for now, then in zip(batches(served), before, strict=True))
    assert rows == 240
    assert rows - count > 20


def test_readiness_and_metrics(served):
    assert served.is_ready()
    assert served.ask("/livez")[0] == 200
    before = counted(served)
    served.ask(PREDICT, {"instances": [{"user_id": "nobody"}] * 3})
    assert counted(served) == before + 3


def counted(door):
    found = re.findall(r'^swayrec_answers_total{level="cold"} (\S+)', door.ask("/metrics")[1], re.MULTILINE)
    return float(found[0]) if found else 0.0


def test_neither_a_question_nor_bentomls_makers_are_told_of_in_the_log(served):
    served.ask(PREDICT, {"instances": [{"user_id": "a-very-secret-user"}]})
    served.ask(PREDICT, {"instances": [{"user_id": "a-very-secret-user", "k": 99}]})
    said = served.log.read_text()
    assert "secret" not in said
    assert PREDICT not in said
    assert "Tracking Payload" not in said


def test_the_bento_says_what_it_is_and_names_no_package_index(place, tag, version):
    assert tag == f"swayrec-tiny:3-{VERSION}"
    folder = place.bentoml / "bentos" / tag.replace(":", "/")
    told = (folder / "bento.yaml").read_text()
    assert "scenario: tiny" in told
    assert "fingerprint: 0123456789abcdef" in told
    required = (folder / "env" / "python" / "requirements.txt").read_text().split()
    locked = (Path(__file__).parents[2] / "requirements.lock").read_text()
    assert "tensorflow==" in " ".join(required)
    assert {
        line for line in required if not re.search(rf"^{re.escape(line)} ", locked, re.MULTILINE)
    } == set()
    assert not list(folder.rglob("test_*"))
    model = place.bentoml / "models" / tag.replace(":", "/")
    assert (model / str(VERSION) / "saved_model.pb").exists()
    assert "fingerprint: 0123456789abcdef" in (model / "model.yaml").read_text()


def test_a_workspace_that_is_not_named_from_the_root_on_is_refused(place, tag, tmp_path):
    done = subprocess.run(
        command(tag, ports.free()),
        cwd=tmp_path,
        env=surroundings(place, **{bento.WORKSPACE: ".swayrec"}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "SWAYREC_WORKSPACE is '.swayrec'" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_without_the_model_lists_answer_and_it_is_not_waited_for_again_and_again(served):
    [model] = [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdecimal() and is_model_of(folder, served.pid)
    ]
    os.kill(model, signal.SIGSTOP)
    try:
        asked = [(PREDICT, {"instances": [{"user_id": "nobody", "k": 3}]})] * 3
        asked.append((EXPLAIN, {"instances": [{"user_id": "user1", "item_id": "i09"}]}))
        with ThreadPoolExecutor(4) as callers:
            *answers, explained = callers.map(lambda each: served.told(*each), asked)
        began = time.monotonic()
        answers.append(served.told(*asked[0]))
        took = time.monotonic() - began
    finally:
        os.kill(model, signal.SIGKILL)
    assert {answer["predictions"][0]["level"] for _, answer in answers} == {"popular"}
    assert {len(answer["predictions"][0]["items"]) for _, answer in answers} == {3}
    not_ready = "Server is not ready. The model does not answer just now; try again."
    assert explained == (503, {"error": not_ready})
    assert took < 1
    assert served.is_ready()


def is_model_of(process, parent):
    try:
        words = (process / "cmdline").read_text().split("\0")
        return "swayrec-model" in words and f"PPid:\t{parent}\n" in (process / "status").read_text()
    except OSError:
        return False
