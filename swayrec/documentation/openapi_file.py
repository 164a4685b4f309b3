"""docs/openapi.json, made from the code that checks requests."""

import json
from pathlib import Path
from typing import Any

from serving.openapi import document

PAGE = Path(__file__).parents[2] / "docs" / "openapi.json"


def page() -> str:
    """The file."""
    return written(document())


def written(made: dict[str, Any]) -> str:
    """A document as it stands in a file."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
