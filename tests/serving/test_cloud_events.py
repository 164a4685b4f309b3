"""CloudEvents as their own SDK writes them."""

import json

import pytest
from cloudevents.http import CloudEvent, to_binary, to_structured

from serving.cloud_events import BATCH, STRUCTURED, is_cloud_event, parse
from swayrec.tables.errors import InputError

BEHAVIORS = ("view", "buy")
DATA = {"user_id": "u", "item_id": "i", "behavior": "buy", "value": 2.5}
ATTRIBUTES = {"type": "shop.item.buy", "source": "/shop/1", "id": "e-1", "time": "2026-05-04T03:02:01Z"}


def told(headers):
    return {name.lower(): value for name, value in headers.items()}


def structured(attributes=ATTRIBUTES, data=DATA):
    headers, body = to_structured(CloudEvent(attributes, data))
    return parse(body, STRUCTURED, told(headers), BEHAVIORS)


def test_the_modes_mean_the_same():
    event = structured()
    headers, body = to_binary(CloudEvent({**ATTRIBUTES, "datacontenttype": "application/json"}, DATA))
    assert is_cloud_event("application/json", told(headers))
    assert parse(body, "application/json", told(headers), BEHAVIORS) == event
    batch = b"[" + to_structured(CloudEvent(ATTRIBUTES, DATA))[1] + b"]"
    assert parse(batch, BATCH, {}, BEHAVIORS) == event
    assert (event[0].source, event[0].value, event[0].timestamp.hour) == ("/shop/1", 2.5, 3)


def test_an_event_is_known_by_source_and_id_together():
    other = structured({**ATTRIBUTES, "source": "/shop/2"})
    assert structured()[0].event_id == structured()[0].event_id != other[0].event_id


def test_the_type_names_the_behavior_where_the_data_do_not():
    data = {name: value for name, value in DATA.items() if name != "behavior"}
    assert structured(data=data)[0].behavior == "buy"
    assert structured({**ATTRIBUTES, "type": "view"}, data)[0].behavior == "view"
    with pytest.raises(InputError, match=r"event.data.behavior is missing; give it"):
        structured({**ATTRIBUTES, "type": "shop.item.sold"}, data)


def test_extension_attributes_are_taken():
    assert structured({**ATTRIBUTES, "traceparent": "00-ab"})[0].user_id == "u"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"specversion": "0.3"}, "event.specversion is '0.3': it must be '1.0'"),
        ({"id": None}, "event.id is None: it must be a valid string"),
        ({"source": ""}, "event.source is '': string should have at least 1 character"),
        ({"Trace_Id": "x"}, "event.Trace_Id is no attribute of a CloudEvent"),
        ({"data": None}, "event.data is None: it must be a valid dictionary"),
        ({"data": {**DATA, "sort": 1}}, "event.data.sort is not known; the fields are event_id, user_id"),
        ({"data": {**DATA, "timestamp": 1}}, "event.data.timestamp must stand in the envelope"),
        ({"time": "late"}, "event.time is 'late': it must be a valid datetime"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(change, sentence):
    body = json.dumps({"specversion": "1.0", **ATTRIBUTES, "data": DATA} | change).encode()
    with pytest.raises(InputError) as error:
        parse(body, STRUCTURED, {}, BEHAVIORS)
    assert sentence in str(error.value)


def test_one_and_many_are_not_taken_for_each_other():
    one = to_structured(CloudEvent(ATTRIBUTES, DATA))[1]
    with pytest.raises(InputError, match="the body must be a list of events, as the content type"):
        parse(one, BATCH, {}, BEHAVIORS)
    with pytest.raises(InputError, match="the body must be one event as a JSON object, as the content type"):
        parse(b"[" + one + b"]", STRUCTURED, {}, BEHAVIORS)
