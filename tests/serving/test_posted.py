import json
from datetime import UTC, datetime

import pytest

from serving.posted import LONGEST_BODY, MOST, PostedEvent, PostedItem, check, decoded, parse
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError
from swayrec.tables.ingest import ingest

NOW = datetime(2026, 5, 4, 3, 2, 1, 123_456, tzinfo=UTC)
EVENT = {"user_id": "u", "item_id": "i", "behavior": "buy"}


def events(body):
    return parse(decoded(json.dumps(body).encode()), PostedEvent)


def test_one_and_a_list_are_read_and_ids_lose_the_space_around_them():
    assert events({**EVENT, "user_id": " u\t"})[0].user_id == "u"
    assert [event.item_id for event in events([EVENT, {**EVENT, "item_id": "j"}])] == ["i", "j"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            {**EVENT, "sort": 1},
            "event.sort is not known; the fields are event_id, user_id, item_id, behavior, ",
        ),
        ([EVENT, {"user_id": "u"}], "events[1].item_id is missing; give it"),
        ({**EVENT, "user_id": 7}, "event.user_id is 7: it must be a valid string"),
        ({**EVENT, "user_id": " "}, "event.user_id is '': string should have at least 1 character"),
        ({**EVENT, "item_id": "x" * 1_025}, "string should have at most 1024 characters"),
        ({**EVENT, "value": "3"}, "event.value is '3': it must be a valid number"),
        ({**EVENT, "value": float("inf")}, "event.value is inf: it must be a finite number"),
        ({**EVENT, "timestamp": "soon"}, "event.timestamp is 'soon': it must be a valid datetime"),
        (
            {**EVENT, "timestamp": "1200-01-01"},
            "event.timestamp is '1200-01-01': it must lie after the year 1678",
        ),
        ([], "the body must be one event as a JSON object, or a list of at least one"),
        ("text", "the body must be one event as a JSON object, or a list of at least one"),
        ([EVENT, 3], "events[1] must be a JSON object"),
        ([EVENT] * (MOST + 1), "the body holds 1001 events; send 1,000 at most at once"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(body, sentence):
    with pytest.raises(InputError) as error:
        events(body)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"user_id": "\\ud800"}', b"[" * LONGEST_BODY])
def test_what_is_no_json_is_said_in_a_sentence(body):
    with pytest.raises(InputError, match=r"^the body is not JSON \("):
        decoded(body)


def test_unknown_behaviors_and_times_ahead_are_refused():
    event = PostedEvent(**EVENT, timestamp=NOW)
    check(event, ("view", "buy"), NOW.timestamp() - 59, "event")
    with pytest.raises(InputError, match=r"event.timestamp lies in the future"):
        check(event, ("view", "buy"), NOW.timestamp() - 61, "event")
    with pytest.raises(InputError, match=r"events\[3\].behavior is 'buy'; the scenario knows view"):
        check(event, ("view",), NOW.timestamp(), "events[3]")


def test_the_same_event_has_the_same_id_however_its_time_is_written():
    said = ("2026-05-04T03:02:01Z", "2026-05-04T05:02:01+02:00", 1777863721, "2026-05-04T03:02:01")
    assert len({PostedEvent(**EVENT, timestamp=time).record(NOW).key for time in said}) == 1
    assert PostedEvent(**EVENT, timestamp=said[0], value=1).record(NOW).key != (
        PostedEvent(**EVENT, timestamp=said[0]).record(NOW).key
    )


def test_without_id_and_time_every_event_is_one_of_its_own():
    later = NOW.replace(microsecond=7)
    assert PostedEvent(**EVENT).record(NOW).key != PostedEvent(**EVENT).record(later).key
    assert PostedEvent(**EVENT, event_id="e").record(NOW).key == "e"


def test_an_event_without_an_id_has_the_one_that_the_ingest_gives_it(tmp_path):
    told = [
        {**EVENT, "timestamp": "2026-01-02T03:04:05Z", "value": 9.5},
        {**EVENT, "behavior": "view", "timestamp": 1777863721.25, "text": '牛奶, "fresh"', "value": 3},
        {**EVENT, "item_id": "j", "timestamp": "2026-01-02", "session_id": "s", "request_id": "r"},
    ]
    records = [event.record(NOW) for event in events(told)]
    columns = [name for name in records[0].content if name not in ("event_id", "source")]
    lines = [json.dumps({name: record.content[name] for name in columns}) for record in records]
    (tmp_path / "events.jsonl").write_text("\n".join(lines))
    source = {
        "name": "intake",
        "path": str(tmp_path / "events.jsonl"),
        "user": "user_id",
        "item": "item_id",
        "behavior": "behavior",
        "time": "timestamp",
    }
    scenario = scenarios.parse(
        {
            "name": "small",
            "title": "Small",
            "events": [source],
            "behaviors": [{"name": "view"}, {"name": "buy", "target": True}],
            "split": {"protocol": "last"},
            "influence": {
                "choices": {"kind": "next"},
                "forms": [{"name": "lean", "kernels": [{"similarity": "identity", "half_lives": [0]}]}],
            },
        },
        "small.toml",
    )
    made = ingest(scenario, "small.toml", tmp_path / "dataset", until=None, now=datetime.now(UTC))
    assert sorted(made.events()["event_id"].to_pylist()) == sorted(record.key for record in records)


def test_an_item_needs_a_title_and_knows_its_fields():
    assert parse({"item_id": "i", "title": "Milk", "tags": ["a"]}, PostedItem)[0].record().content[
        "tags"
    ] == ["a"]
    with pytest.raises(InputError, match=r"item.title is missing; give it"):
        parse({"item_id": "i"}, PostedItem)
    with pytest.raises(
        InputError, match=r"items\[0\].price is not known; the fields are item_id, title, text"
    ):
        parse([{"item_id": "i", "title": "Milk", "price": 3}], PostedItem)
    with pytest.raises(InputError, match=r"item.language is 'de'"):
        parse({"item_id": "i", "title": "Milk", "language": "de"}, PostedItem)
