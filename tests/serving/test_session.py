import math

from serving.question import Event
from serving.session import with_events

STORED = {
    "item": ["a", "b"],
    "behavior": ["buy", "view"],
    "time": [200.0, 100.0],
    "order": [2, 1],
    "count": [3.0, 1.0],
    "value": [9.5, math.nan],
}


def event(item: str, behavior: str, time: float | None = None) -> Event:
    return Event(item_id=item, behavior=behavior, timestamp=time)


def test_events_come_first_and_keep_their_order():
    rows = with_events(STORED, [event("c", "view"), event("d", "buy")], now=300.0, length=10)
    assert rows["item"] == ["d", "c", "a", "b"]
    assert rows["order"] == [4, 3, 2, 1]
    assert rows["time"] == [300.0, 300.0, 200.0, 100.0]


def test_a_known_row_moves_up_and_counts_on():
    rows = with_events(STORED, [event("b", "view", 250.0)], now=300.0, length=10)
    assert rows["item"] == ["b", "a"]
    assert rows["count"] == [2.0, 3.0]
    assert rows["time"] == [250.0, 200.0]


def test_an_event_of_another_stretch_of_the_calendar_is_a_row_of_its_own():
    rows = with_events(STORED, [event("a", "buy", 290.0)], now=300.0, length=10, period=100.0)
    assert (rows["count"], rows["time"]) == ([4.0, 1.0], [290.0, 100.0])
    rows = with_events(STORED, [event("a", "buy", 310.0)], now=320.0, length=10, period=100.0)
    assert (rows["item"], rows["count"]) == (["a", "a", "b"], [1.0, 3.0, 1.0])


def test_an_event_that_the_store_holds_already_is_not_counted_again():
    rows = with_events(STORED, [event("a", "buy", 200.0)], now=300.0, length=10)
    assert rows["count"] == [3.0, 1.0]
    assert rows["order"] == [2, 1]


def test_the_newest_rows_stay():
    assert with_events(STORED, [event("c", "view")], now=300.0, length=2)["item"] == ["c", "a"]


def test_without_a_past_and_without_events_there_are_no_rows():
    assert with_events({}, [], now=math.nan, length=5)["item"] == []
