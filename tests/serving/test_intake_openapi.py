"""docs/intake-openapi.json against a running intake: it is what the intake says, and what it does."""

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving.cloud_events import BATCH, STRUCTURED

from .intake_world import Running, event, workspace

PAGE = Path(__file__).parents[2] / "docs" / "intake-openapi.json"
DOCUMENT = json.loads(PAGE.read_text(encoding="utf-8"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def intake(tmp_path_factory):
    place = workspace(tmp_path_factory.mktemp("posting") / "ws", [("anna", "i1", "buy", 1)], {"i1": "Milk"})
    with Running(place) as running:
        yield running


def test_the_intake_shows_the_file(intake):
    assert json.loads(intake.get("/openapi.json")[1]) == DOCUMENT


@SCHEMA.parametrize()
@settings(
    max_examples=50,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_is_answered_as_the_file_says(case, intake):
    response = case.call(base_url=f"http://127.0.0.1:{intake.port}")
    assert response.status_code < 500, response.text
    if case.method.upper() in ("GET", "POST") and response.status_code != 405:
        case.validate_response(response, checks=CHECKS)
    assert "Traceback" not in intake.words()


ENVELOPE = {
    "specversion": "1.0",
    "id": "1",
    "source": "/till",
    "type": "shop.buy",
    "data": {"user_id": "u", "item_id": "i"},
}


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/events", event("u", "i", minutes=1, value=2.5, text="good"), "application/json"),
        ("/events", [event("u", "i"), event("v", "i", "view")], "application/json"),
        ("/events", ENVELOPE, STRUCTURED),
        ("/events", [ENVELOPE, {**ENVELOPE, "id": "2"}], BATCH),
        ("/items", {"item_id": "i", "title": "Milk", "tags": ["a"], "language": "en"}, "application/json"),
        ("/items", [{"item_id": "i", "title": "Milk"}], "application/json"),
    ],
)
def test_what_the_file_allows_is_taken(intake, path, body, kind):
    case = SCHEMA[path]["POST"].Case(body=body, media_type=kind, headers={"Content-Type": kind})
    response = case.call(base_url=f"http://127.0.0.1:{intake.port}")
    assert response.status_code == 200, response.text
    case.validate_response(response, checks=CHECKS)
