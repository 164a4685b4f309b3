"""From a catalogue's texts to its vectors."""

import numpy as np
import pyarrow as pa

from swayrec.learning.encoder import Encoder
from swayrec.learning.text_cache import Progress, TextCache
from swayrec.learning.vectors import Vectors


def embed(items: pa.Table, encoder: Encoder, cache: TextCache, progress: Progress | None = None) -> Vectors:
    """The vectors of the canonical items table (columns ``item_id`` and ``text``; no text = zeros)."""
    texts = [text or "" for text in items["text"].to_pylist()]
    ids = np.array(items["item_id"].to_pylist(), np.str_)
    return Vectors(ids, cache.encode(texts, encoder, progress))
