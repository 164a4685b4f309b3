"""Writes each component's README.md from its signature: `python -m components.documentation`."""

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_ARGUMENT = re.compile(r"^ {4}(\w+): (.*?)(?=^ {4}\w+: |\Z)", re.MULTILINE | re.DOTALL)


def components() -> Iterator[str]:
    """The names of all components."""
    return (path.parent.name for path in sorted(_HERE.glob("*/component.py")))


def readme(name: str) -> str:
    """The README of one component, in Markdown."""
    function = _function(name)
    text = inspect.getdoc(function) or ""
    summary, _, arguments = text.partition("\n\nArgs:\n")
    told = {found[1]: " ".join(found[2].split()) for found in _ARGUMENT.finditer(arguments)}
    inputs: list[str] = []
    outputs: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        kind, is_output = _kind(parameter.annotation)
        rows = outputs if is_output else inputs
        rows.append(f"| `{parameter.name}` | {kind} | {told[parameter.name]} |")
    return "\n".join(
        [
            f"# {name}",
            "",
            summary,
            "",
            *_table("input", inputs),
            *_table("output", outputs),
            "Made from `component.py` by `make docs`.",
            "",
        ]
    )


def path(name: str) -> Path:
    """Where a component's README lies."""
    return _HERE / name / "README.md"


def _function(name: str) -> Callable[..., None]:
    component: Any = getattr(importlib.import_module(f"components.{name}.component"), name)
    return component.python_func


def _kind(annotation: Any) -> tuple[str, bool]:
    """What a parameter is called, and whether it is an output; kfp hides that in an annotation's metadata."""
    marks = getattr(annotation, "__metadata__", ())
    if not marks:
        return annotation.__name__, False
    return annotation.__origin__.__name__, any("Output" in str(mark) for mark in marks)


def _table(title: str, rows: list[str]) -> list[str]:
    return [f"| {title} | kind | what |", "| --- | --- | --- |", *rows, ""] if rows else []


if __name__ == "__main__":
    for component in components():
        path(component).write_text(readme(component), encoding="utf-8")
