"""Both processes as `swayrec serve` starts them, asked over HTTP as a service would."""

import http.client
import json
import signal
import time
import urllib.error
import urllib.request

import pytest

PREDICT = "/v1/models/swayrec:predict"
EXPLAIN = "/v1/models/swayrec:explain"
SESSION = [{"item_id": "i09", "behavior": "buy"}]


@pytest.fixture(scope="module")
def post(serving):
    def posted(path, body, content_type="application/json", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": content_type, **headers}
        request = urllib.request.Request(serving.url + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return posted


def get(serving, path) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(serving.url + path, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_session_is_answered_with_reasons(post):
    status, body = post(PREDICT, {"instances": [{"user_id": "new", "k": 2, "events": SESSION}]})
    assert status == 200
    answer = body["predictions"][0]
    assert answer["level"] == "session"
    assert [item["item_id"] for item in answer["items"]] == ["i09", "i00"]
    assert answer["items"][0]["title"] == "Title of i09"
    assert answer["items"][0]["reasons"][0]["text"].startswith("because you bought 'Title of i09'")


def test_the_callers_request_id_comes_back(post):
    _, body = post(PREDICT, {"instances": [{"user_id": "u"}]}, **{"X-Request-Id": "abc"})
    assert body["predictions"][0]["request_id"] == "abc"
    three = [{"user_id": "u"}, {"user_id": "v", "request_id": "own"}, {"user_id": "w"}]
    _, body = post(PREDICT, {"instances": three}, **{"X-Request-Id": "abc"})
    assert [answer["request_id"] for answer in body["predictions"]] == ["abc-0", "own", "abc-2"]


def test_an_explanation_has_kserves_form(post):
    status, body = post(EXPLAIN, {"instances": [{"user_id": "new", "item_id": "i09", "events": SESSION}]})
    assert status == 200
    assert body["predictions"] == [pytest.approx(3.21)]
    assert body["explanations"][0]["shares"][0]["share"] == 3.0


def test_an_item_that_the_model_does_not_know_cannot_be_explained(post):
    known, unknown = ({"user_id": "new", "item_id": item, "events": SESSION} for item in ("i09", "nosuch"))
    status, body = post(EXPLAIN, {"instances": [known, unknown]})
    assert status == 400
    assert "instances[1].item_id is 'nosuch', which the model does not know" in body["error"]


@pytest.mark.parametrize(
    ("body", "content_type", "sentence"),
    [
        ({"instances": [{"user_id": "u", "k": 13}]}, "application/json", "must be between 1 and 12"),
        ({"instances": [{"k": 3}]}, "application/json", "instances[0].user_id is missing"),
        ({"instances": [{"user_id": "u", "size": 3}]}, "application/json", "instances[0].size is not known"),
        ({"instances": "u"}, "application/json", "list"),
        ({}, "application/json", "instances must be a list"),
        (b"{", "application/json", "Unrecognized request format"),
        (b"user=u", "application/x-www-form-urlencoded", "the request's body is not JSON"),
        (b"\xff\xfe", "text/plain", "the request's body is not JSON"),
        ([1], "application/json", "the request must be a JSON object"),
    ],
)
def test_bad_input_is_400_and_a_sentence(post, body, content_type, sentence):
    status, answer = post(PREDICT, body, content_type)
    assert status == 400
    assert sentence in answer["error"]
    assert "Traceback" not in answer["error"]
    assert "\n" not in answer["error"]


def test_json_without_a_json_content_type_is_understood(post):
    body = json.dumps({"instances": [{"user_id": "u", "k": 1}]}).encode()
    status, answer = post(PREDICT, body, "application/x-www-form-urlencoded")
    assert status == 200
    assert len(answer["predictions"][0]["items"]) == 1


def test_health_readiness_and_metrics(serving, post):
    assert get(serving, "/v2/health/live")[0] == 200
    assert get(serving, "/v2/health/ready")[0] == 200
    assert json.loads(get(serving, "/v1/models/swayrec")[1]) == {"name": "swayrec", "ready": True}
    assert get(serving, "/v1/models/other")[0] == 404
    post(PREDICT, {"instances": [{"user_id": "u"}]})
    assert 'swayrec_answers_total{level="' in get(serving, "/metrics")[1]
    assert "request_predict_seconds" in get(serving, "/metrics")[1]


@pytest.mark.parametrize("what", ["load", "unload"])
def test_no_caller_takes_the_model_away(serving, post, what):
    status, answer = post(f"/v2/repository/models/swayrec/{what}", {})
    assert status == 403
    assert "not loaded or unloaded over the network" in answer["error"]
    assert "model_repository_extension" not in get(serving, "/v2")[1]
    assert post(PREDICT, {"instances": [{"user_id": "u"}]})[0] == 200


def test_a_body_that_is_too_large_is_refused_before_it_is_read(serving):
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=30)
    connection.putrequest("POST", PREDICT)
    connection.putheader("Content-Length", str(9 * 2**20))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert "larger than 8 MiB" in json.load(answer)["error"]


def test_a_body_that_does_not_say_its_size_is_measured(serving):
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=30)
    body = json.dumps({"instances": [{"user_id": "u", "k": 1}]}).encode()
    connection.request("POST", PREDICT, iter([body]), {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200


@pytest.mark.parametrize("path", ["/", "/v2/models/swayrec/versions/1/ready", "/nowhere", "/v1/models/other"])
def test_whatever_is_wrong_is_told_in_one_form(serving, path):
    status, body = get(serving, path)
    assert (status == 200) == (path == "/")
    assert path == "/" or set(json.loads(body)) == {"error"}


def test_an_explanation_does_not_send_the_requests_headers_back(serving):
    body = json.dumps({"instances": [{"user_id": "new", "item_id": "i09", "events": SESSION}]}).encode()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer secret"}
    with urllib.request.urlopen(
        urllib.request.Request(serving.url + EXPLAIN, body, headers), timeout=30
    ) as response:
        assert "secret" not in str(response.headers)


def test_requests_are_not_logged_and_faults_not_over_and_over(serving, post):
    log = serving.children["transformer"].log
    for _ in range(3):
        post(PREDICT, {"instances": [{"user_id": "u"}]})
        post(PREDICT, {"instances": []})
    size = log.stat().st_size
    for _ in range(20):
        post(PREDICT, {"instances": [{"user_id": "u"}]})
        post(PREDICT, {"instances": []})
    assert log.stat().st_size < size + 1000
    assert "Traceback" not in log.read_text()


def test_without_its_predictor_lists_answer_until_it_is_back(serving, post, workspace):
    session = {"instances": [{"user_id": "new", "k": 3, "events": SESSION}]}
    predictor = serving.children["predictor"]
    predictor.process.send_signal(signal.SIGTERM)
    assert predictor.process.wait(10) == 0
    status, body = post(PREDICT, session)
    assert status == 200
    assert body["predictions"][0]["level"] in ("category", "popular")
    assert body["predictions"][0]["items"][0]["item_id"] == "i05"
    asked = {"instances": [{"user_id": "new", "k": 3, "category": ["bakery"]}]}
    assert post(PREDICT, asked)[1]["predictions"][0]["level"] == "category"
    status, body = post(EXPLAIN, {"instances": [{"user_id": "new", "item_id": "i09", "events": SESSION}]})
    assert status == 503
    assert "try again" in body["error"]
    assert get(serving, "/v1/models/swayrec")[0] == 200
    serving.revive()
    deadline = time.monotonic() + 90
    while post(PREDICT, session)[1]["predictions"][0]["level"] != "session":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert workspace.popular.exists()
