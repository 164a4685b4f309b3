"""docs/endpoints.md against the running endpoints: its fields, its words and its sentences."""

import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import get_args

import pytest

from serving.past import Level
from serving.question import MOST_INSTANCES, Event, Question, Why
from serving.question_tensors import INPUTS, OUTPUTS, PARAMETERS

TEXT = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")
SESSION = [{"item_id": "i09", "behavior": "buy"}]
BY_NAME = {"intent", "rest"}


def section(title):
    """What stands between a heading and the next."""
    return re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]


def first_column(title):
    return re.findall(r"^\| `([^`]+)` \|", section(title), re.MULTILINE)


def fields(value, path=""):
    """The places of all values in an answer: `items[].score`; what is keyed by name counts as one."""
    if isinstance(value, list):
        return {found for part in value for found in fields(part, f"{path}[]")}
    if isinstance(value, dict) and path.rpartition(".")[2] not in BY_NAME:
        start = f"{path}." if path else ""
        return {f"{start}{name}" for name in value} | {
            found for name, part in value.items() for found in fields(part, f"{start}{name}")
        }
    return set()


@pytest.fixture(scope="module")
def ask(serving):
    def asked(path, body):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(serving.url + path, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return asked


def test_the_page_names_every_field_of_a_question():
    events = {f"events[].{name}" for name in Event.model_fields}
    assert set(first_column("What a question may say")) == {*Question.model_fields, *events}
    assert {"events", "now", "language", "request_id"} == set(Why.model_fields) - {"user_id", "item_id"}
    assert f"with 1 to {MOST_INSTANCES} questions" in TEXT


def test_the_page_names_every_field_of_an_answer_and_shows_one(ask):
    _, body = ask("/v1/models/swayrec:predict", {"instances": [{"user_id": "new", "events": SESSION}]})
    real = fields(body["predictions"][0])
    assert "items[].reasons[].text" in real
    assert set(first_column("What an answer says")) == real
    assert set(first_column("Levels")) == set(get_args(Level))
    shown = json.loads(re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)[1])
    assert fields(shown["predictions"][0]) == real


def test_the_page_names_every_field_of_an_explanation_and_shows_one(ask):
    question = {"user_id": "new", "item_id": "i09", "events": SESSION}
    _, body = ask("/v1/models/swayrec:explain", {"instances": [question]})
    title = "Explain: `POST /v1/models/swayrec:explain`"
    assert set(first_column(title)) == fields(body["explanations"][0])
    shown = json.loads(re.search(r"```json\n(.*?)```", section(title), re.DOTALL)[1])
    assert fields(shown) == fields(body)


def test_the_page_names_every_tensor_with_its_form():
    text = section("In tensors (v2): `POST /v2/models/swayrec/infer`")
    told = re.findall(r"^\| `(\w+)` \| (\w+)[^|]* \| \[([^]]*)\] \|", text, re.MULTILINE)
    real = [(name, kind, rank) for name, (kind, rank) in INPUTS.items()]
    real += [(name, kind, len(shape)) for name, (kind, shape) in OUTPUTS.items()]
    assert [(name, kind, len(shape.split(","))) for name, kind, shape in told] == real
    assert all(f"`{name}`" in text for name in PARAMETERS)


def test_the_page_names_every_source():
    from swayrec.learning.served import SOURCES

    assert set(first_column("Sources")) == {*SOURCES, "similar"}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("predict", {"instances": [{"user_id": "u", "k": 1000}]}, 400),
        ("predict", {"instances": [{"user_id": 648}]}, 400),
        ("predict", {"instances": [{"k": 3}]}, 400),
        ("predict", {"instances": [{"user_id": "u", "size": 3}]}, 400),
        ("predict", {"instances": []}, 400),
        ("predict", b"{", 400),
        ("predict", {"instances": [{"user_id": "u", "item_id": "i01"}]}, 400),
        ("explain", {"instances": [{"user_id": "u", "item_id": "nosuch", "events": SESSION}]}, 400),
        # Nothing was published for the test's workspace, so there is no history to explain from.
        ("explain", {"instances": [{"user_id": "u", "item_id": "i09"}]}, 503),
    ],
)
def test_an_error_says_what_the_page_says(ask, path, body, code):
    status, answer = ask(f"/v1/models/swayrec:{path}", body)
    assert status == code
    # Limits are the model's own, and the test's model is small.
    listed = re.sub(r"\d+", "N", section("Errors"))
    assert f"| `{re.sub(r'[0-9]+', 'N', answer['error'])}` |" in listed


USER = {"name": "user_id", "shape": [1], "datatype": "BYTES", "data": ["u"]}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v2/models/swayrec/infer", {"inputs": [{**USER, "name": "size"}]}, 400),
        ("/v2/models/swayrec/infer", {"inputs": [{**USER, "datatype": "INT64", "data": [3]}]}, 400),
        ("/v2/models/swayrec/infer", {"inputs": [{**USER, "shape": [2]}]}, 400),
        (
            "/v2/models/swayrec/infer",
            {"inputs": [USER, {"name": "k", "shape": [1], "datatype": "INT64", "data": [1000]}]},
            400,
        ),
        ("/v2/repository/models/swayrec/unload", {}, 403),
        ("/v2/models/swayrec/versions/3/infer", {"inputs": [USER]}, 404),
        ("/v3", {}, 404),
    ],
)
def test_other_doors_say_what_the_page_says(ask, path, body, code):
    status, answer = ask(path, body)
    assert status == code
    listed = re.sub(r"\d+", "N", section("Errors"))
    assert f"| `{re.sub(r'[0-9]+', 'N', answer['error'])}` |" in listed


@pytest.mark.parametrize(
    "path", re.findall(r"^\| `GET ([^` ]+)`", section("Health, readiness, metadata, metrics"), re.MULTILINE)
)
def test_what_the_page_says_may_be_read_is_there(serving, path):
    with urllib.request.urlopen(serving.url + path, timeout=30) as response:
        told = response.read()
    shown = re.search(rf"^\| `GET {path}` \| `(\{{[^`]*)`", TEXT, re.MULTILINE)
    if shown:
        assert json.loads(told) == json.loads(shown[1])
