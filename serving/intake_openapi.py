"""The intake's endpoints as an OpenAPI document.

``make docs`` writes it to docs/intake-openapi.json, and the intake serves it as ``/openapi.json``.
"""

from serving.cloud_events import BATCH, STRUCTURED, Envelope
from serving.openapi_form import (
    JSON,
    METRICS,
    REFUSED,
    Schema,
    get,
    list_of,
    named,
    object_of,
    of_model,
    post,
    text,
    whole,
)
from serving.posted import LONGEST_BODY, MOST, PostedEvent, PostedItem

_ERRORS = {
    **REFUSED,
    "400": "What is wrong with the request, in one sentence that names the place; nothing of it was kept.",
    "413": f"The body is larger than {LONGEST_BODY // 2**20} MiB.",
    "415": "The content type is another.",
    "500": "A fault of the server's, told by its number in the log.",
    "503": "Nothing was stored: send it again later.",
}
_NUMBER = {"type": "integer", "minimum": 1}
_SWITCH = {"type": "boolean"}


def document() -> Schema:
    """The document."""
    paths = {
        "/events": post(
            "Take in what users did: one event or a list, plain or as CloudEvents 1.0",
            {
                JSON: _one_or_more("PostedEvent"),
                STRUCTURED: named("Envelope"),
                BATCH: _some("Envelope"),
            },
            _kept("events", {"event_id": text(), "sequence": _NUMBER, "known": _SWITCH}),
            _ERRORS,
        ),
        "/items": post(
            "Take in items, whole: one or a list",
            {JSON: _one_or_more("PostedItem")},
            _kept("items", {"item_id": text(), "sequence": _NUMBER}),
            _ERRORS,
        ),
        "/v2/health/live": get("Whether the process runs", object_of({"live": _SWITCH})),
        "/v2/health/ready": {
            "get": {
                "summary": "Whether what an earlier process left in the log is shown, or the store is down",
                "responses": {
                    status: {"description": why, "content": {JSON: {"schema": object_of({"ready": _SWITCH})}}}
                    for status, why in (("200", "It is."), ("503", "Not yet."))
                },
            }
        },
        "/metrics": METRICS,
    }
    schemas = {**of_model(PostedEvent), **of_model(PostedItem), **of_model(Envelope)}
    return whole("Swayrec intake", "Takes events and items in.", paths, schemas)


def _kept(name: str, receipt: Schema) -> Schema:
    told = object_of({name: list_of(object_of(receipt)), "shown": _SWITCH})
    return {"200": told, "202": told}


def _some(kind: str) -> Schema:
    return {**list_of(named(kind)), "minItems": 1, "maxItems": MOST}


def _one_or_more(kind: str) -> Schema:
    return {"anyOf": [named(kind), _some(kind)]}
