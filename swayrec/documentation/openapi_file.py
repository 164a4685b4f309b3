"""docs/openapi.json, made from the code that checks requests."""

import json
from pathlib import Path

from serving.openapi import document

PAGE = Path(__file__).parents[2] / "docs" / "openapi.json"


def page() -> str:
    """The file."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
