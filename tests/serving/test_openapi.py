"""docs/openapi.json against the running server: it is what the server says, and what the server does."""

import json
import urllib.request
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

PAGE = Path(__file__).parents[2] / "docs" / "openapi.json"
DOCUMENT = json.loads(PAGE.read_text(encoding="utf-8"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)


def test_the_server_shows_the_file(serving):
    with urllib.request.urlopen(serving.url + "/openapi.json", timeout=30) as response:
        assert json.load(response) == DOCUMENT


@SCHEMA.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_is_answered_as_the_file_says(case, serving):
    response = case.call(base_url=serving.url)
    # The test's store is empty, so an explanation without events has nothing to draw on.
    explains = case.path.endswith(":explain")
    assert response.status_code < 500 or (explains and response.status_code == 503), response.text
    if case.method.upper() in ("GET", "POST") and response.status_code != 405:
        case.validate_response(
            response,
            checks=[status_code_conformance, content_type_conformance, response_schema_conformance],
        )


@pytest.mark.parametrize(
    "question",
    [
        {"user_id": "u", "now": "2001-09-01T00:00:00Z", "exclude_own": True, "category_match": "all"},
        {"events": [{"item_id": "i09", "behavior": "buy", "timestamp": 9e8}], "reasons": False, "k": 3},
        {"item_id": "i05", "category": ["drinks"], "exclude": ["i02"]},
        {"user_id": "u", "candidates": ["i01", "nosuch"], "language": "zh", "diversity": 0.5},
    ],
)
def test_a_question_that_the_file_allows_is_answered_in_its_form(serving, question):
    case = SCHEMA["/v1/models/swayrec:predict"]["POST"].Case(
        body={"instances": [question]}, media_type="application/json"
    )
    response = case.call(base_url=serving.url)
    assert response.status_code == 200
    case.validate_response(response, checks=[response_schema_conformance])
