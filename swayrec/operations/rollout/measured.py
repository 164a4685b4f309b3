"""How the two sides of a canary do, as Prometheus has it from the transformers."""

from dataclasses import dataclass
from typing import Any

from swayrec.tables.errors import InputError

POORER = ("session", "category", "popular")
"""Levels of answers that could not draw on all that there is."""


class NoFiguresError(InputError):
    """Prometheus does not answer."""


@dataclass(frozen=True)
class Measured:
    """One side, since a canary began: questions, those without an answer, those answered from less, seconds.

    ``p99`` is of the time that a request's questions took, NaN where nothing was asked.
    """

    questions: float
    failures: float
    poorer: float
    p99: float


class Prometheus:
    """Asks a Prometheus at ``url`` by its HTTP API."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def side(self, variant: str, seconds: float) -> Measured:
        """How a side did in the last ``seconds``.

        Args:
            variant: as answers and exposures name it.
            seconds: since the canary began; what was counted before has no such label.

        Raises:
            NoFiguresError: Prometheus does not answer, or not as Prometheus does.
        """
        span = f"[{max(int(seconds), 1)}s]"
        mark = f'{{variant="{variant}"}}'
        poorer = f'{{variant="{variant}",level=~"{"|".join(POORER)}"}}'
        # Not `increase`, which leaves out what a counter had when it was seen first: of one that begins with the
        # canary that is its first half minute. What a restarted transformer had counted is in the sum too.
        return Measured(
            questions=self._one(_counted("swayrec_variant_questions_total" + mark, span)),
            failures=self._one(_counted("swayrec_variant_failures_total" + mark, span)),
            poorer=self._one(_counted("swayrec_variant_answers_total" + poorer, span)),
            p99=self._one(
                f"histogram_quantile(0.99, sum by (le) (rate(swayrec_variant_seconds_bucket{mark}{span})))",
                float("nan"),
            ),
        )

    def _one(self, query: str, none: float = 0.0) -> float:
        """The value of a query that has one; ``none`` where it has no series."""
        import httpx

        try:
            found = httpx.get(f"{self._url}/api/v1/query", params={"query": query}, timeout=10.0)
            told: dict[str, Any] = found.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NoFiguresError(f"{self._url}: Prometheus does not answer ({error})") from None
        if told.get("status") != "success":
            raise NoFiguresError(f"{self._url}: Prometheus refuses the query ({told.get('error')})")
        result = told["data"]["result"]
        return float(result[0]["value"][1]) if result else none


def _counted(series: str, span: str) -> str:
    return f"sum(max_over_time({series}{span}))"
