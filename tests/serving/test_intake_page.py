"""docs/endpoints.md against a running intake: its fields, its sentences, its examples."""

import json
import re
import shlex
from pathlib import Path

import pytest

from serving import cloud_events
from serving.posted import MOST, PostedEvent, PostedItem

from .intake_world import Running, event, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TEXT = PAGE[PAGE.index("## Events and items in: the intake") :]


def section(title):
    return re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]


def rows(title):
    return re.findall(r"^\| `([^`]+)` \| (\S[^|]*) \|", section(title), re.MULTILINE)


@pytest.fixture(scope="module")
def intake(tmp_path_factory):
    place = workspace(tmp_path_factory.mktemp("page") / "ws", [("anna", "i1", "buy", 1)], {"i1": "Milk"})
    with Running(place) as running:
        yield running


@pytest.mark.parametrize(
    ("title", "kind"), [("What an event may say", PostedEvent), ("What an item may say", PostedItem)]
)
def test_the_page_names_every_field_and_which_are_required(title, kind):
    told = {name: "required" in default for name, default in rows(title)}
    assert told == {name: field.is_required() for name, field in kind.model_fields.items()}
    assert f"a list of 1 to {MOST:,}" in section(title)


def test_an_answer_is_as_the_page_shows_it(intake):
    shown = json.loads(re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)[1])
    _, told = intake.post("/events", event("anna", "i1", event_id="till-4-0017"))
    assert set(told) == set(shown)
    assert set(told["events"][0]) == set(shown["events"][0])


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/events", {"user_id": "u"}, {}, 400),
        ("/items", {"item_id": "i", "title": "Milk", "price": 3}, {}, 400),
        ("/events", [event("u", "i"), event(648, "i")], {}, 400),
        ("/events", event("u", "i", "fly"), {}, 400),
        ("/events", event("u", "i", timestamp="2999-01-01"), {}, 400),
        ("/events", [], {}, 400),
        ("/events", [event("u", "i")] * 1_001, {}, 400),
        ("/events", b"{", {}, 400),
        ("/event", {}, {}, 404),
        ("/events", b" " * (4 * 2**20 + 1), {}, 413),
        ("/events", {}, {"Content-Type": "text/plain"}, 415),
    ],
)
def test_an_error_says_what_the_page_says(intake, path, body, headers, status):
    found, told = intake.post(path, body, headers)
    assert found == status
    assert f"| {status} | " in section("Errors of the intake")
    assert f"| `{told['error']}` |" in section("Errors of the intake")


@pytest.mark.parametrize(
    "path", re.findall(r"^\| `GET ([^` ]+)`", section("Health and metrics of the intake"), re.M)
)
def test_what_the_page_says_may_be_read_is_there(intake, path):
    status, told = intake.get(path)
    assert status == 200
    row = re.search(rf"^\| `GET {path}` \| (.*) \|$", TEXT, re.MULTILINE)[1]
    for name in re.findall(r"`(swayrec_\w+)`", row):
        assert name in told
    if row.startswith("`{"):
        assert json.loads(told) == json.loads(re.match(r"`([^`]*)`", row)[1])


def test_the_bodies_of_the_examples_are_taken():
    readme = [line for line in commands(README) if "8081" in line and line.startswith("curl")]
    assert PostedEvent.model_validate(json.loads(shlex.split(readme[0])[-1]))
    assert PostedItem.model_validate(json.loads(shlex.split(readme[1])[-1]))
    bodies = [shlex.split(line)[-1] for line in commands(TEXT) if line.startswith("curl")]
    assert len(bodies) == 3
    known = ("full_price_purchase",)
    assert PostedEvent.model_validate(json.loads(bodies[0])).behavior == known[0]
    assert PostedItem.model_validate(json.loads(bodies[1])).title
    taken = cloud_events.parse(bodies[2].encode(), cloud_events.STRUCTURED, {}, known)
    assert taken[0].behavior == known[0]


def commands(text):
    """A page's commands, those over several lines as one."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for block in (body for language, body in blocks if not language):
        yield from re.split(r"\n(?=curl|swayrec)", block.replace("\\\n", " ").strip())
