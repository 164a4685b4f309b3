"""What is counted of each side of an experiment, for whoever decides whether the challenger takes over."""

import contextlib
import time
from collections.abc import Iterator, Sequence

from prometheus_client import Counter, Histogram

_ASKED = Counter("swayrec_variant_questions", "Questions to a side of an experiment", ["variant"])
_FAILED = Counter("swayrec_variant_failures", "Questions that a side had no answer to", ["variant"])
_LEVELS = Counter(
    "swayrec_variant_answers", "A side's answers by how much they could draw on", ["variant", "level"]
)
_SECONDS = Histogram(
    "swayrec_variant_seconds",
    "How long a side took for the questions of a request",
    ["variant"],
    buckets=(0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 3),
)


@contextlib.contextmanager
def answering(variant: str, questions: int) -> Iterator[None]:
    """Counts what a side is asked inside the block, how long it takes, and whether it fails."""
    _ASKED.labels(variant).inc(questions)
    begun = time.perf_counter()
    try:
        yield
    except Exception:
        _FAILED.labels(variant).inc(questions)
        raise
    finally:
        _SECONDS.labels(variant).observe(time.perf_counter() - begun)


def levels(variant: str, found: Sequence[str]) -> None:
    """Counts a side's answers."""
    for level in found:
        _LEVELS.labels(variant, level).inc()
