"""Passes events on to the intake, for doors of the transformer that take some."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx

_log = logging.getLogger(__name__)
_PASSED_ON = ("authorization", "x-api-key", "x-forwarded-for")


class IntakeForward:
    """Posts events to the intake as the caller would; lives in one event loop.

    Args:
        url: the intake's.
        timeout: seconds.
    """

    def __init__(self, url: str, timeout: float = 5.0) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout
        self._http: httpx.AsyncClient | None = None

    async def events(
        self, events: Sequence[Mapping[str, Any]], headers: Mapping[str, str]
    ) -> tuple[int, Any]:
        """Status and body of the intake's answer; 503 where it gives none, and something may be stored.

        Args:
            events: 1 to 1,000, in the form of ``POST /events``.
            headers: the caller's; what says who it is goes along.
        """
        if self._http is None:
            # The intake is on this machine or in this cluster, whatever proxy the environment names.
            self._http = httpx.AsyncClient(timeout=self._timeout, trust_env=False)
        told = {name: headers[name] for name in _PASSED_ON if name in headers}
        try:
            response = await self._http.post(f"{self._url}/events", json=list(events), headers=told)
            return response.status_code, response.json()
        except (httpx.HTTPError, ValueError) as error:
            _log.error("the intake does not answer: %s", type(error).__name__)
            return HTTPStatus.SERVICE_UNAVAILABLE, {
                "error": "the intake does not answer; send it again later"
            }
