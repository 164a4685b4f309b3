"""What was posted, as the ingest would have made it of a file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from swayrec.tables.language import language
from swayrec.tables.text import normalize


def posted_item(content: Mapping[str, Any]) -> dict[str, Any]:
    """A row of ``schema.ITEMS``: the title is the text where there is none, and the language is told."""
    text = normalize(content["text"] or content["title"])
    times = {
        name: datetime.fromisoformat(content[name]) if content[name] else None
        for name in ("created_at", "available_from", "available_until")
    }
    return {**content, "text": text, "language": content["language"] or language(text), **times}


def posted_event(content: Mapping[str, Any]) -> dict[str, Any]:
    """A row of ``schema.EVENTS`` but for the order, which follows from all of a user's events together."""
    return {**content, "timestamp": datetime.fromisoformat(content["timestamp"])}
