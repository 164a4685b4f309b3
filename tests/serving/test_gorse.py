"""Gorse's REST, asked as its clients ask: urllib here, the real transformer and intake behind it."""

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime

import pytest

from serving.popular import count
from tests.serving.conftest import a_dataset

from .intake_world import stamped


@pytest.fixture(scope="module")
def ask(whole):
    """Status and decoded body; keyword arguments are headers."""

    def asked(path, body=None, method=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{whole.url}/api/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return asked


def feedback(user, item, kind="buy", minutes=5.0, **more):
    told = {"FeedbackType": kind, "UserId": user, "ItemId": item, "Timestamp": stamped(minutes)}
    return {**told, "Value": 1.0, "Comment": "", **more}


def test_feedback_is_in_the_next_recommendation(ask):
    assert ask("feedback", [feedback("g1", "i17"), feedback("g1", "i18", minutes=6)]) == (
        200,
        {"RowAffected": 2},
    )
    status, best = ask("recommend/g1?n=3")
    assert status == 200
    assert set(best[:2]) == {"i17", "i18"}
    assert len(best) == 3
    assert ask("feedback", [feedback("g2", "i19")], method="PUT")[0] == 200


def test_scores_come_in_the_second_version_of_its_interface(ask):
    ids = ask("recommend/g1?n=4")[1]
    scored = ask("recommend/g1?n=4", **{"X-API-Version": "2"})[1]
    assert [one["Id"] for one in scored] == ids
    scores = [one["Score"] for one in scored]
    assert scores == sorted(scores, reverse=True)


def test_pages_follow_each_other(ask):
    ten = ask("recommend/g1")[1]
    assert len(ten) == 10
    assert ask("recommend/g1?n=4")[1] + ask("recommend/g1?n=6&offset=4")[1] == ten
    assert ask("recommend/g1?n=5&offset=100000")[1] == []


def test_categories_are_all_meant(ask):
    dairy = ask("recommend/g1?n=30&category=dairy")[1]
    assert dairy == ask("recommend/g1/dairy?n=30")[1] != []
    assert ask("recommend/g1?n=30&category=dairy&category=toys")[1] != dairy


def test_a_session_gets_what_it_has_not_had_yet(ask):
    session = [feedback("", "i09", Timestamp="0001-01-01T00:00:00Z"), feedback("", "i07", "view")]
    status, best = ask("session/recommend?n=5", session)
    assert status == 200
    assert len(best) == 5
    assert {"i09", "i07"}.isdisjoint(one["Id"] for one in best)


def test_likeness_is_of_the_item_and_an_unknown_one_has_none(ask):
    status, near = ask("item-to-item/neighbors/i05?n=3")
    assert (status, len(near)) == (200, 3)
    assert near == ask("item/i05/neighbors?n=3")[1]
    assert "i05" not in [one["Id"] for one in near]
    assert ask("item-to-item/neighbors/nothing") == (200, [])


def test_what_everyone_takes_is_there_by_name_and_by_category(ask):
    everything = ask("non-personalized/popular?n=3")[1]
    assert everything[0] == {"Id": "i05", "Score": 1.0}
    assert everything == ask("popular?n=3")[1]
    assert ask("popular/dairy?n=2")[1] == ask("non-personalized/popular?n=2&category=dairy")[1]
    assert ask("non-personalized/odd")[0] == 404


def test_the_newest_items_stand_first_and_say_when_they_were_made(tmp_path, ask):
    assert ask("latest") == (200, [])
    held = a_dataset(tmp_path / "data", {"a": "x", "b": "x", "c": "y"})
    items = held.items().to_pylist()
    days = {"a": 1, "b": 3, "c": None}
    for item in items:
        day = days[item["item_id"]]
        item["created_at"] = day and datetime(2026, 1, day, tzinfo=UTC)
    table = type(held.items()).from_pylist(items, held.items().schema)
    latest = count(held.events(), table, ["buy"], "x").latest
    assert [(entry.item_id, entry.score) for entry in latest] == [
        ("b", datetime(2026, 1, 3, tzinfo=UTC).timestamp()),
        ("a", datetime(2026, 1, 1, tzinfo=UTC).timestamp()),
    ]


def test_what_is_shown_may_be_written_back(ask):
    shown = ask("recommend/g3?n=2&write-back-type=view")[1]
    again = ask("recommend/g3?n=2")[1]
    assert set(again) == set(shown)
    status, said = ask("recommend/g3?n=2&write-back-type=fly")
    assert (status, said["error"].endswith("the scenario knows view, buy")) == (400, True)
    assert ask("recommend/g3?write-back-type=view&write-back-delay=10m")[0] == 400


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("recommend/g1?n=many", None, "n is 'many'; give a whole number"),
        ("feedback", [{"FeedbackType": "buy", "UserId": "u"}], "feedback[0].ItemId is missing; give it"),
        ("feedback", [{"FeedbackType": "fly", "UserId": "u", "ItemId": "i"}], "the scenario knows view, buy"),
        ("session/recommend", [{"FeedbackType": "fly", "ItemId": "i"}], "fly"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(ask, path, body, said):
    status, told = ask(path, body)
    assert status == 400
    assert said in told["error"]


def test_health_is_told_in_its_words(ask):
    assert ask("health/live") == (200, {"Ready": True})
    assert ask("health/ready") == (200, {"Ready": True})
