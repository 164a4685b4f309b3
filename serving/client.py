"""A client for services: questions, explanations, events and items, with types.

>>> with Client("http://127.0.0.1:8080", "http://127.0.0.1:8081") as client:  # doctest: +SKIP
...     answer = client.recommend("648", k=5)
...     client.send([{"user_id": "648", "item_id": "903325", "behavior": "view", "request_id": answer.request_id}])
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from serving.client_answers import Answer, Explanation, Item, Posted, Reason, Share

_PREDICT, _EXPLAIN = "/v1/models/swayrec:predict", "/v1/models/swayrec:explain"
_AGAIN = (429, 502, 503, 504)
"""Statuses after which a question is put again: it changes nothing, and an event counts once by its id."""


class RefusedError(Exception):
    """The server's sentence about what is wrong, and its ``status``."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Client:
    """Asks a transformer and posts to an intake; safe to use from several threads.

    Options of a question are those of docs/endpoints.md, by their names.

    Args:
        url: the transformer's, as ``http://127.0.0.1:8080``.
        intake_url: the intake's; None = nothing can be posted.
        token: a bearer token; None = none is asked for.
        timeout: seconds a call may take, all tries together.
        tries: how often a call is made where the server is busy or out of reach.
    """

    def __init__(
        self,
        url: str,
        intake_url: str | None = None,
        *,
        token: str | None = None,
        timeout: float = 5.0,
        tries: int = 3,
    ) -> None:
        self._url, self._intake_url = url.rstrip("/"), intake_url.rstrip("/") if intake_url else None
        self._timeout, self._tries = timeout, tries
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def recommend(self, user_id: str | None = None, **options: Any) -> Answer:
        """What to recommend to a user, or in a session (``events``).

        Raises:
            RefusedError: the server says what is wrong with the question.
            httpx.HTTPError: the server cannot be reached in time.
        """
        return self.recommend_many([{"user_id": user_id, **options}])[0]

    def recommend_many(self, questions: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """One answer a question, in their order; 64 at most. Raises as :meth:`recommend`."""
        told = self._post(self._url + _PREDICT, {"instances": list(map(_given, questions))})
        return [_answer(one) for one in told["predictions"]]

    def rank(self, user_id: str | None, candidates: Sequence[str], **options: Any) -> Answer:
        """These items and no others, best first. Raises as :meth:`recommend`."""
        return self.recommend(user_id, candidates=list(candidates), **{"k": len(candidates), **options})

    def similar(self, item_id: str, **options: Any) -> Answer:
        """What is most like an item. Raises as :meth:`recommend`."""
        return self.recommend(None, item_id=item_id, **options)

    def explain(self, user_id: str | None, item_id: str, **options: Any) -> Explanation:
        """Why an item would be recommended to a user. Raises as :meth:`recommend`."""
        body = {"instances": [_given({"user_id": user_id, "item_id": item_id, **options})]}
        [told] = self._post(self._url + _EXPLAIN, body)["explanations"]
        return _made(Explanation, {**told, "shares": tuple(_made(Share, one) for one in told["shares"])})

    def send(self, events: Iterable[Mapping[str, Any]]) -> Posted:
        """Posts events; returns once they are durable.

        Give each an ``event_id``, or at least a ``timestamp``: only then an event that is sent again, by this
        client too, counts once.

        Raises:
            RefusedError: the server says what is wrong; nothing of the call was kept.
            httpx.HTTPError: the server cannot be reached in time; the events may have been kept all the same.
        """
        return self._posted("events", "event_id", events)

    def put(self, items: Iterable[Mapping[str, Any]]) -> Posted:
        """Posts items, each whole; returns once they are durable. Raises as :meth:`send`."""
        return self._posted("items", "item_id", items)

    def ready(self) -> bool:
        """Whether there is anything to answer from."""
        try:
            return self._http.get(f"{self._url}/v2/health/ready").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def _posted(self, name: str, key: str, rows: Iterable[Mapping[str, Any]]) -> Posted:
        if self._intake_url is None:
            raise ValueError("the client was made without the intake's URL; give intake_url")
        told = self._post(f"{self._intake_url}/{name}", list(map(dict, rows)))
        return Posted(tuple(one[key] for one in told[name]), told["shown"])

    def _post(self, url: str, body: Any) -> Any:
        until = time.monotonic() + self._timeout
        for tries_left in reversed(range(self._tries)):
            wait = 0.05 * 2 ** (self._tries - 1 - tries_left)
            try:
                response = self._http.post(url, json=body, timeout=max(until - time.monotonic(), 0.001))
            except httpx.TransportError:
                if not tries_left or time.monotonic() + wait >= until:
                    raise
            else:
                if response.is_success:
                    return response.json()
                wait = _retry_after(response, wait)
                may_come = response.status_code in _AGAIN and time.monotonic() + wait < until
                if not tries_left or not may_come:
                    raise RefusedError(response.status_code, _sentence(response))
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")


Kind = TypeVar("Kind", Reason, Share, Item, Answer, Explanation)


def _made(kind: type[Kind], told: Mapping[str, Any]) -> Kind:
    """The fields that this client knows: a server that is newer may say more."""
    return kind(**{field.name: told[field.name] for field in fields(kind)})


def _answer(told: Mapping[str, Any]) -> Answer:
    items = tuple(
        _made(Item, {**item, "reasons": tuple(_made(Reason, reason) for reason in item["reasons"])})
        for item in told["items"]
    )
    lists = {name: tuple(told[name]) for name in ("unknown", "policy")}
    return _made(Answer, {**told, **lists, "items": items})


def _given(question: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in question.items() if value is not None}


def _sentence(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {response.status_code}"


def _retry_after(response: httpx.Response, otherwise: float) -> float:
    said = response.headers.get("retry-after", "")
    return float(said) if said.isdecimal() else otherwise
