"""docs/intake-openapi.json, made from the code that checks what is posted."""

from pathlib import Path

from serving.intake_openapi import document
from swayrec.documentation.openapi_file import written

PAGE = Path(__file__).parents[2] / "docs" / "intake-openapi.json"


def page() -> str:
    """The file."""
    return written(document())
