"""The endpoints as an OpenAPI document: the same for every model, so a model's own limits stand in words.

``make docs`` writes it to docs/openapi.json, and the transformer serves it as ``/openapi.json``.
"""

from serving.answer_schema import ANSWER, EXPLANATION, TENSORS
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
from serving.question import MOST_INSTANCES, Question, Why
from serving.question_tensors import INPUTS, OUTPUTS, PARAMETERS

_READY = {"type": "object", "properties": {"ready": {"type": "boolean"}}, "required": ["ready"]}
_NAMED = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "ready": {"type": "boolean"}},
    "required": ["name", "ready"],
}
_ERRORS = {
    **REFUSED,
    "400": "What is wrong with the request, in one sentence that names the place.",
    "413": "The body is larger than 8 MiB.",
    "500": "A fault of the server's, told by its number in the log.",
    "503": "Nothing can answer just now.",
}


def document(model: str = "swayrec") -> Schema:
    """The document, of the endpoints of a model of that name."""
    return whole(
        "Swayrec",
        "Recommendations with their reasons, over KServe's v1 and v2 protocols.",
        {
            f"/v1/models/{model}:predict": _asked(
                "Recommend, rank candidates, or say what is similar to an item (v1)",
                _instances("Question"),
                object_of({"predictions": list_of(named("Answer"))}),
            ),
            f"/v1/models/{model}:explain": _asked(
                "Say why an item would be recommended (v1)",
                _instances("Why"),
                object_of(
                    {
                        "predictions": {"type": "array", "items": {"type": "number"}},
                        "explanations": list_of(named("Explanation")),
                    }
                ),
            ),
            f"/v2/models/{model}/infer": _asked(
                "The same as predict, in tensors (v2); binary tensors are taken and sent as KServe has them",
                named("InferenceRequest"),
                named("InferenceResponse"),
            ),
            "/v1/models": get("The names of the models", object_of({"models": list_of(text())})),
            f"/v1/models/{model}": get(
                "Whether there is anything to answer from", _NAMED, down=_ERRORS["503"]
            ),
            "/v2": get(
                "The server",
                object_of({"name": text(), "version": text(), "extensions": list_of(text())}),
            ),
            "/v2/health/live": get("Whether the process runs", object_of({"live": {"type": "boolean"}})),
            "/v2/health/ready": get("Whether there is anything to answer from", _READY, down=_ERRORS["503"]),
            f"/v2/models/{model}": get("The tensors of v2", named("ModelMetadata")),
            f"/v2/models/{model}/ready": get(
                "Whether there is anything to answer from", _NAMED, down=_ERRORS["503"]
            ),
            "/metrics": METRICS,
        },
        _schemas(),
    )


def _schemas() -> Schema:
    found: Schema = {"Answer": ANSWER, "Explanation": EXPLANATION, **of_model(Question), **of_model(Why)}
    limits = found["Question"]["properties"]
    for field, size in (("k", "R"), ("category", "C"), ("candidates", "M")):
        limits[field]["description"] = f"At most {size}, a limit of the model."
    tensor = {name: {"type": "string", "enum": list(INPUTS)} for name in ("name",)}
    found["InferenceRequest"] = {
        **object_of(
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
                    "items": _tensor({**tensor, "datatype": text()}),
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
    found["InferenceResponse"] = object_of(
        {
            "id": text(),
            "model_name": text(),
            "model_version": {"type": ["string", "null"]},
            "outputs": {"type": "array", "items": TENSORS},
        }
    )
    form = object_of({"name": text(), "datatype": text(), "shape": {"type": "array"}})
    found["ModelMetadata"] = object_of(
        {
            "name": text(),
            "platform": text(),
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
    return {**object_of(fields, required=required), "additionalProperties": False}


def _instances(kind: str) -> Schema:
    questions = {**list_of(named(kind)), "minItems": 1, "maxItems": MOST_INSTANCES}
    return {**object_of({"instances": questions}), "additionalProperties": False}


def _asked(summary: str, asked: Schema, told: Schema) -> Schema:
    return post(summary, {JSON: asked}, {"200": told}, _ERRORS)
