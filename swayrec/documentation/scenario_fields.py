"""docs/scenario.md: its head is written by hand, the reference of all fields is made from their models."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swayrec.tables.scenario import Scenario

PAGE = Path(__file__).parents[2] / "docs" / "scenario.md"

MARK = "<!-- From here on `make docs` writes, from swayrec/tables/scenario*.py. -->"
"""What parts the page: above it stands what people write, below it what is made."""

_NAME = "^[a-z][a-z0-9_]*$"
_BAR = r"\|"
_KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """A part of a scenario: the TOML table that it is written as, and its schema."""

    path: tuple[str, ...]
    many: bool
    schema: Schema

    @property
    def table(self) -> str:
        """How TOML writes the table's head; '' for the scenario itself."""
        name = ".".join(self.path)
        return f"[[{name}]]" if self.many else f"[{name}]" if name else ""

    @property
    def title(self) -> str:
        """The section's heading."""
        return f"`{self.table}`" if self.table else "The scenario itself"

    @property
    def anchor(self) -> str:
        """The address of the heading within the page, as GitHub makes it."""
        return "#" + re.sub(r"[^\w -]", "", self.title.lower()).replace(" ", "-")


def page() -> str:
    """The page: what stands above the mark as it is, and every field of every part below it."""
    head, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise ValueError(f"{PAGE} has lost the line {MARK!r}; put it back where the reference begins")
    schema = Scenario.model_json_schema()
    sections = list(_sections(schema, schema["$defs"]))
    parts = [head + MARK, "## Every field"]
    for section in sections:
        parts += [f"### {section.title}", section.schema["description"], _fields(section, sections)]
    return "\n\n".join(parts) + "\n"


def _sections(
    schema: Schema, parts: Mapping[str, Schema], path: tuple[str, ...] = (), many: bool = False
) -> Iterator[Section]:
    yield Section(path, many, schema)
    for name, field in schema["properties"].items():
        below, is_list = _part(field)
        if below:
            yield from _sections(parts[below], parts, (*path, name), is_list)


def _part(field: Schema) -> tuple[str, bool]:
    """The name of the part that a field holds ('' = a plain value), and whether it holds several."""
    present = _present(field)
    inner = present.get("items", present)
    return inner.get("$ref", "").rpartition("/")[2], "items" in present


def _present(field: Schema) -> Schema:
    """What a field is where it is given: pydantic writes one that may be absent as a choice with null."""
    for choice in field.get("anyOf", ()):
        if choice.get("type") != "null":
            return choice
    return field


def _fields(section: Section, sections: list[Section]) -> str:
    required = section.schema.get("required", ())
    rows = ["| field | type | default | meaning |", "| --- | --- | --- | --- |"]
    for name, field in section.schema["properties"].items():
        below = next((part for part in sections if part.path == (*section.path, name)), None)
        kind = f"[`{below.table}`]({below.anchor})" if below else _kind(_present(field))
        default = "**required**" if name in required else _default(field, is_part=below is not None)
        cells = (f"`{name}`", kind, default, field["description"])
        rows.append(f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |")
    return "\n".join(rows)


def _kind(field: Schema) -> str:
    """A type in words, with its limits."""
    if "enum" in field:
        return " or ".join(f"`{_toml(value)}`" for value in field["enum"])
    if "prefixItems" in field:
        return f"{len(field['prefixItems'])} of: {_kind(field['prefixItems'][0])}"
    if "type" not in field:
        return "any value"
    if field["type"] == "array":
        least = ", at least one" if field.get("minItems") else ""
        return f"list of: {_kind(field['items'])}{least}"
    if field["type"] == "object":
        return "table of texts"
    if field.get("pattern") == _NAME:
        return "name"
    limits = [
        f"{sign} {field[limit]:g}"
        for limit, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"))
        if limit in field
    ]
    return " ".join([_KINDS[field["type"]], ", ".join(limits)]).strip()


def _default(field: Schema, *, is_part: bool) -> str:
    default = field.get("default")
    if default is None or default == {}:
        return "absent"
    return "its defaults" if is_part and default else f"`{_toml(default)}`"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
