"""The endpoints as an OpenAPI document: the same for every model, so a model's own limits stand in words.

``make docs`` writes it to docs/openapi.json, and the transformer serves it as ``/openapi.json``.
"""

from typing import Any

from serving.answer_schema import ANSWER, EXPLANATION, TENSORS
from serving.question import MOST_INSTANCES, Question, Why
from serving.question_tensors import INPUTS, OUTPUTS, PARAMETERS

Schema = dict[str, Any]

_JSON, _PLAIN = "application/json", "text/plain"
_TENSORS = "application/octet-stream"
_READY = {"type": "object", "properties": {"ready": {"type": "boolean"}}, "required": ["ready"]}
_NAMED = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "ready": {"type": "boolean"}},
    "required": ["name", "ready"],
}
BEARER = {"type": "http", "scheme": "bearer", "description": "Only where the server asks for tokens."}
PERHAPS: list[dict[str, list[str]]] = [{}, {"bearer": []}]
"""The security of an operation that needs a token on some servers."""
_ERRORS = {
    "400": "What is wrong with the request, in one sentence that names the place.",
    "401": "There is no token, or one that is not known; only where the server asks for tokens.",
    "403": "The token is not for this.",
    "413": "The body is larger than 8 MiB.",
    "429": "Too many requests; Retry-After says when to ask again. Only where the server limits them.",
    "500": "A fault of the server's, told by its number in the log.",
    "503": "Nothing can answer just now.",
}


def document() -> Schema:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Swayrec",
            "version": "1",
            "description": "Recommendations with their reasons, over KServe's v1 and v2 protocols.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/v1/models/swayrec:predict": _post(
                "Recommend, rank candidates, or say what is similar to an item (v1)",
                _instances("Question"),
                _object({"predictions": _list("Answer")}),
            ),
            "/v1/models/swayrec:explain": _post(
                "Say why an item would be recommended (v1)",
                _instances("Why"),
                _object(
                    {
                        "predictions": {"type": "array", "items": {"type": "number"}},
                        "explanations": _list("Explanation"),
                    }
                ),
            ),
            "/v2/models/swayrec/infer": _post(
                "The same as predict, in tensors (v2); binary tensors are taken and sent as KServe has them",
                {"$ref": "#/components/schemas/InferenceRequest"},
                {"$ref": "#/components/schemas/InferenceResponse"},
            ),
            "/v1/models": _get("The names of the models", _object({"models": _texts()})),
            "/v1/models/swayrec": _get("Whether there is anything to answer from", _NAMED, ready=True),
            "/v2": _get(
                "The server",
                _object({"name": _text(), "version": _text(), "extensions": _texts()}),
            ),
            "/v2/health/live": _get("Whether the process runs", _object({"live": {"type": "boolean"}})),
            "/v2/health/ready": _get("Whether there is anything to answer from", _READY, ready=True),
            "/v2/models/swayrec": _get("The tensors of v2", {"$ref": "#/components/schemas/ModelMetadata"}),
            "/v2/models/swayrec/ready": _get("Whether there is anything to answer from", _NAMED, ready=True),
            "/metrics": {
                "get": {
                    "summary": "Prometheus",
                    "responses": {
                        "200": {"description": "As asked.", "content": {_PLAIN: {"schema": _text()}}}
                    },
                }
            },
        },
        "components": {"schemas": _schemas(), "securitySchemes": {"bearer": BEARER}},
    }


def _schemas() -> Schema:
    found: Schema = {"Error": _object({"error": _text()}), "Answer": ANSWER, "Explanation": EXPLANATION}
    for kind in (Question, Why):
        schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[kind.__name__] = schema
    limits = found["Question"]["properties"]
    for field, size in (("k", "R"), ("category", "C"), ("candidates", "M")):
        limits[field]["description"] = f"At most {size}, a limit of the model."
    tensor = {name: {"type": "string", "enum": list(INPUTS)} for name in ("name",)}
    found["InferenceRequest"] = {
        **_object(
            {
                "id": {"type": ["string", "null"], "maxLength": 1024},
                "model_name": {"type": ["string", "null"]},
                "model_version": {"type": ["string", "null"]},
                "parameters": {
                    "type": ["object", "null"],
                    "description": f"Options of all questions: {', '.join(PARAMETERS)}.",
                    "additionalProperties": {"type": ["boolean", "number", "string"]},
                },
                "inputs": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 64,
                    "items": _tensor({**tensor, "datatype": _text()}),
                },
                "outputs": {
                    "type": ["array", "null"],
                    "maxItems": 64,
                    "items": _tensor({"name": {"type": "string", "enum": list(OUTPUTS)}}),
                },
            },
            required=("inputs",),
        ),
        "additionalProperties": False,
    }
    found["InferenceResponse"] = _object(
        {
            "id": _text(),
            "model_name": _text(),
            "model_version": {"type": ["string", "null"]},
            "outputs": {"type": "array", "items": TENSORS},
        }
    )
    form = _object({"name": _text(), "datatype": _text(), "shape": {"type": "array"}})
    found["ModelMetadata"] = _object(
        {
            "name": _text(),
            "platform": _text(),
            "inputs": {"type": "array", "items": form},
            "outputs": {"type": "array", "items": form},
        }
    )
    return found


def _tensor(properties: Schema) -> Schema:
    """A tensor of a request: its name, and where it has a datatype, its shape and data too."""
    parameters = {
        "type": ["object", "null"],
        "additionalProperties": {"type": ["boolean", "number", "string"]},
    }
    fields = {**properties, "parameters": parameters}
    required = ["name"]
    if "datatype" in properties:
        fields["shape"] = {"type": "array", "items": {"type": "integer"}, "maxItems": 8}
        fields["data"] = {"type": ["array", "null"], "items": {}}
        required += ["datatype", "shape"]
    return {**_object(fields, required=required), "additionalProperties": False}


def _instances(kind: str) -> Schema:
    questions = {**_list(kind), "minItems": 1, "maxItems": MOST_INSTANCES}
    return {**_object({"instances": questions}), "additionalProperties": False}


def _post(summary: str, asked: Schema, told: Schema) -> Schema:
    return {
        "post": {
            "summary": summary,
            "security": PERHAPS,
            "requestBody": {"required": True, "content": {_JSON: {"schema": asked}}},
            "responses": {
                "200": {"description": "As asked.", "content": {_JSON: {"schema": told}}},
                **{code: _error(why) for code, why in _ERRORS.items()},
            },
        }
    }


def _get(summary: str, told: Schema, ready: bool = False) -> Schema:
    responses = {"200": {"description": "As asked.", "content": {_JSON: {"schema": told}}}}
    if ready:
        responses["503"] = _error(_ERRORS["503"])
    return {"get": {"summary": summary, "responses": responses}}


def _error(why: str) -> Schema:
    return {"description": why, "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _object(properties: Schema, required: Any = None) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
    }


def _text() -> Schema:
    return {"type": "string"}


def _texts() -> Schema:
    return {"type": "array", "items": _text()}


def _list(kind: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{kind}"}}
