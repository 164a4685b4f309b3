"""The form of an answer, of an explanation and of v2's outputs, as JSON schemas."""

from typing import Any, get_args

from serving.past import Level
from serving.question_tensors import OUTPUTS

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_BY_NAME: Schema = {"type": "object", "additionalProperties": _NUMBER}


def _whole(properties: Schema) -> Schema:
    """An object that has exactly these fields."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_LEVEL: Schema = {"type": "string", "enum": list(get_args(Level))}
_REASON: Schema = {"item_id": _TEXT, "behavior": _TEXT, "share": _NUMBER, "text": _TEXT}

ANSWER = _whole(
    {
        "user_id": _MAYBE_TEXT,
        "item_id": _MAYBE_TEXT,
        "request_id": _TEXT,
        "level": _LEVEL,
        "model_version": {"type": ["integer", "null"]},
        "variant": _MAYBE_TEXT,
        "intent": _BY_NAME,
        "items": _list(
            _whole(
                {
                    "item_id": _TEXT,
                    "title": _TEXT,
                    "score": _NUMBER,
                    "source": _TEXT,
                    "reasons": _list(_whole(_REASON)),
                }
            )
        ),
        "unknown": _list(_TEXT),
        "policy": _list(_TEXT),
    }
)

EXPLANATION = _whole(
    {
        "user_id": _MAYBE_TEXT,
        "item_id": _TEXT,
        "title": _TEXT,
        "request_id": _TEXT,
        "level": _LEVEL,
        "score": _NUMBER,
        "shares": _list(_whole({**_REASON, "count": _NUMBER, "intent": {"type": ["number", "null"]}})),
        "rest": _BY_NAME,
    }
)

TENSORS: Schema = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "enum": list(OUTPUTS)},
        "datatype": _TEXT,
        "shape": _list({"type": "integer"}),
        "data": {"type": "array"},
    },
    "required": ["name", "datatype", "shape"],
}
