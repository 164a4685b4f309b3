"""The one form of an error over HTTP, of the transformer and of the intake."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


def told(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """``{"error": sentence}``."""
    return JSONResponse({"error": sentence}, status, headers)
