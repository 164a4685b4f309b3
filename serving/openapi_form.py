"""The words that an OpenAPI document is made of, for the transformer's and the intake's."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]

JSON = "application/json"
BEARER = {"type": "http", "scheme": "bearer", "description": "Only where the server asks for tokens."}
PERHAPS: list[dict[str, list[str]]] = [{}, {"bearer": []}]
"""The security of an operation that needs a token on some servers."""

REFUSED = {
    "401": "There is no token, or one that is not known; only where the server asks for tokens.",
    "403": "The token is not for this.",
    "429": "Too many requests; Retry-After says when to ask again. Only where the server limits them.",
}
"""What is answered to a request that is not let in."""

METRICS: Schema = {
    "get": {
        "summary": "Prometheus",
        "responses": {
            "200": {"description": "As asked.", "content": {"text/plain": {"schema": {"type": "string"}}}}
        },
    }
}


def whole(title: str, description: str, paths: Schema, schemas: Schema) -> Schema:
    """A document, with the schema `Error` that :func:`error` names."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1",
            "description": description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": {"Error": object_of({"error": text()}), **schemas},
            "securitySchemes": {"bearer": BEARER},
        },
    }


def post(
    summary: str, asked: Mapping[str, Schema], told: Mapping[str, Schema], errors: Mapping[str, str]
) -> Schema:
    """An operation that takes bodies by content type, and tells one by status, or why it does not."""
    return {
        "post": {
            "summary": summary,
            "security": PERHAPS,
            "requestBody": {
                "required": True,
                "content": {kind: {"schema": schema} for kind, schema in asked.items()},
            },
            "responses": {
                **{
                    status: {"description": "As asked.", "content": {JSON: {"schema": schema}}}
                    for status, schema in told.items()
                },
                **{status: error(why) for status, why in sorted(errors.items())},
            },
        }
    }


def get(summary: str, told: Schema, down: str = "") -> Schema:
    """Something to be read; ``down`` says when it is 503 instead."""
    responses = {"200": {"description": "As asked.", "content": {JSON: {"schema": told}}}}
    if down:
        responses["503"] = error(down)
    return {"get": {"summary": summary, "responses": responses}}


def error(why: str) -> Schema:
    """An answer in the form of all errors."""
    return {"description": why, "content": {JSON: {"schema": named("Error")}}}


def object_of(properties: Schema, required: Sequence[str] | None = None) -> Schema:
    """An object; without ``required`` all of its properties are."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
    }


def text() -> Schema:
    """Any text."""
    return {"type": "string"}


def named(schema: str) -> Schema:
    """One of the document's own schemas."""
    return {"$ref": f"#/components/schemas/{schema}"}


def list_of(item: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": item}


def of_model(kind: Any) -> Schema:
    """A pydantic model's schema by its name, and by theirs those that it needs."""
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), kind.__name__: schema}
