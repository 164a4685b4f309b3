import math
from dataclasses import replace

import pytest

from serving.question import Event, Question, Why, parse
from swayrec.learning.signature import Metadata
from swayrec.tables.errors import InputError

NOW = 1_700_000_000.0


@pytest.fixture(scope="module")
def limits() -> Metadata:
    sizes = {"history": 9, "exclude": 9, "categories": 2, "recent": 9, "candidates": 3, "results": 50}
    return Metadata("s", 1, ("view", "buy"), ("buy",), (), (), clock="wall", until=NOW, **sizes)


def one(limits, raw, kind=Question):
    return parse({"instances": [raw]}, kind, limits, NOW)[0]


def test_defaults(limits):
    asked = one(limits, {"user_id": "u1"})
    assert (asked.k, asked.exclude_seen, asked.candidates, asked.language) == (10, True, None, None)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({}, "instances[0].user_id is missing"),
        ({"user_id": ""}, "instances[0].user_id is ''"),
        ({"user_id": 1}, "instances[0].user_id is 1: it must be a valid string"),
        ({"user_id": "u", "k": 0}, "instances[0].k is 0: it must be greater than or equal to 1"),
        ({"user_id": "u", "k": 51}, "instances[0].k is 51; it must be between 1 and 50"),
        ({"user_id": "u", "k": "ten"}, "instances[0].k is 'ten'"),
        ({"user_id": "u", "k": True}, "instances[0].k is True"),
        ({"user_id": "u", "diversity": 2}, "instances[0].diversity is 2"),
        ({"user_id": "u", "size": 3}, "instances[0].size is not known; the fields are user_id, k,"),
        ({"user_id": "u", "language": "fr"}, "instances[0].language is 'fr'; it must be en or zh"),
        ({"user_id": "u", "category": ["a", "b", "c"]}, "category holds 3 values; give 2 at most"),
        ({"user_id": "u", "candidates": ["a", "b", "c", "d"]}, "candidates holds 4 items; give 3 at most"),
        ({"user_id": "u", "candidates": []}, "instances[0].candidates is []"),
        ({"user_id": "u", "exclude": [None]}, "instances[0].exclude[0] is None"),
        ({"user_id": "u", "events": [{"item_id": "a"}]}, "instances[0].events[0].behavior is missing"),
        ({"user_id": "u", "events": [{"item_id": "a", "behavior": "eat"}]}, "the model knows view, buy"),
        (
            {"user_id": "u", "events": [{"item_id": "a", "behavior": "buy", "timestamp": "soon"}]},
            "instances[0].events[0].timestamp is 'soon'",
        ),
        (
            {"user_id": "u", "events": [{"item_id": "a", "behavior": "buy", "timestamp": NOW + 3600}]},
            "lies in the future",
        ),
        (
            {"user_id": "u", "events": [{"item_id": "a", "behavior": "buy", "price": 3}]},
            "instances[0].events[0].price is not known; the fields are item_id, behavior, timestamp",
        ),
        ("u1", "instances[0] must be an object"),
        ({"user_id": "\ud800"}, "instances[0].user_id is"),
        ({"user_id": "u", "category_match": "some"}, "category_match is 'some': it must be 'any' or 'all'"),
        ({"user_id": "u", "reasons": "no"}, "instances[0].reasons is 'no'"),
        ({"user_id": "u", "now": "3000-01-01"}, "instances[0].now is no time of this log"),
        (
            {
                "user_id": "u",
                "now": NOW - 9,
                "events": [{"item_id": "a", "behavior": "buy", "timestamp": NOW - 8}],
            },
            "instances[0].events[0].timestamp lies after now",
        ),
        (
            {
                "user_id": "u",
                "events": [{"item_id": "a", "behavior": "buy", "timestamp": "0001-01-01T00:00:00+14:00"}],
            },
            "instances[0].events[0].timestamp is no time of this log",
        ),
        ({"user_id": "u", "item_id": "i"}, "instances[0] has item_id and user_id"),
        ({"item_id": "i", "diversity": 0.5}, "instances[0] has item_id and diversity"),
        ({"item_id": "i"}, "this model holds no similarity of items"),
    ],
)
def test_what_is_wrong_is_one_sentence(limits, raw, sentence):
    with pytest.raises(InputError) as error:
        one(limits, raw)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (None, "the request must be a JSON object"),
        ([], "the request must be a JSON object"),
        ({"users": []}, "the request's field users is not known"),
        ({}, "instances must be a list of at least one question"),
        ({"instances": []}, "instances must be a list of at least one question"),
        ({"instances": "u1"}, "instances must be a list of at least one question"),
        ({"instances": [{"user_id": "u"}] * 65}, "instances holds 65 questions; ask at most 64 at once"),
    ],
)
def test_a_body_of_another_form_is_one_sentence(limits, body, sentence):
    with pytest.raises(InputError) as error:
        parse(body, Question, limits, NOW)
    assert sentence in str(error.value)


def test_a_log_without_a_clock_has_no_now(limits):
    with pytest.raises(InputError, match="the model's log has no clock; leave it out"):
        one(replace(limits, until=None), {"user_id": "u", "now": NOW})


def test_a_session_or_an_item_needs_no_user(limits):
    session = one(limits, {"events": [{"item_id": "a", "behavior": "buy"}]})
    assert session.user_id is None
    assert one(replace(limits, similar="text"), {"item_id": "i"}).item_id == "i"


def test_why_needs_an_item(limits):
    with pytest.raises(InputError, match="item_id is missing"):
        one(limits, {"user_id": "u"}, Why)


@pytest.mark.parametrize("given", ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20", 1_700_000_000])
def test_times_are_iso_or_epoch_seconds_in_utc(limits, given):
    asked = one(limits, {"user_id": "u", "events": [{"item_id": "a", "behavior": "buy", "timestamp": given}]})
    assert asked.events[0].time == NOW
    assert Event(item_id="a", behavior="buy").time is None
    assert not math.isnan(asked.events[0].time)
