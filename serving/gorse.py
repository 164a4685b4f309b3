"""A door for services that speak Gorse's REST: its read endpoints and feedback, over the same way to answer.

Paths, parameters and forms are those of gorse 0.4 and 0.5 (its server/rest.go). Users, items and their labels are not
managed here: items are posted to the intake.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serving.answer import NothingToShowError
from serving.error_form import told
from serving.popular import Entry, Popular
from serving.question import Asked, Id, Question, checked, sentence
from serving.sides import Sides
from serving.tokens import Scope
from serving.v1 import named
from swayrec.learning.categories import within
from swayrec.tables.errors import InputError

DEFAULT_N = 10
"""Items an answer holds where ``n`` is not given, as in Gorse's own configuration."""

SENT_AT_ONCE = 1_000
"""Events of one call to the intake, which takes no more."""

POPULAR = "popular"


class Feedback(Asked):
    """Something that a user did, in Gorse's names."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    FeedbackType: Id
    UserId: str = Field("", max_length=1024)
    ItemId: Id
    Value: float = 0.0
    Timestamp: str = ""
    Comment: str = ""

    @property
    def at(self) -> str | None:
        """ISO 8601; None = just now. Gorse sends its zero time for none."""
        return None if not self.Timestamp or self.Timestamp.startswith("0001-") else self.Timestamp


_FEEDBACK = TypeAdapter(list[Feedback])

Forward = Callable[[Sequence[Mapping[str, Any]], Mapping[str, str]], Awaitable[tuple[int, Any]]]
"""Posts events to the intake with a caller's headers: status and body of its answer."""


def needs(path: str) -> Scope | None:
    """Which scope a path below ``/api/`` needs; None = it is open to everyone."""
    if path.startswith("/api/health/"):
        return None
    return "write" if path.startswith("/api/feedback") else "read"


class Gorse:
    """The handlers.

    Args:
        sides: who answers.
        lists: the popular and the newest items; None = there are none.
        forward: posts events to the intake; None = this transformer knows none.
    """

    def __init__(
        self, sides: Sides, lists: Callable[[], Popular | None], forward: Forward | None = None
    ) -> None:
        self._sides, self._lists, self._forward = sides, lists, forward

    def app(self) -> Starlette:
        """The ASGI application, to be mounted at ``/api``."""
        routes = [
            Route("/recommend/{user}", self.recommend),
            Route("/recommend/{user}/{category}", self.recommend),
            Route("/session/recommend", self.session, methods=["POST"]),
            Route("/session/recommend/{category}", self.session, methods=["POST"]),
            Route("/item-to-item/{name}/{item}", self.similar),
            Route("/item/{item}/neighbors", self.similar),
            Route("/item/{item}/neighbors/{category}", self.similar),
            Route("/non-personalized/{name}", self.non_personalized),
            Route("/popular", self.non_personalized),
            Route("/popular/{category}", self.non_personalized),
            Route("/latest", self.latest),
            Route("/latest/{category}", self.latest),
            Route("/feedback", self.feedback, methods=["POST", "PUT"]),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
        ]
        handlers: dict[Any, Any] = {HTTPException: _refused, InputError: _wrong, NothingToShowError: _empty}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def recommend(self, request: Request) -> Response:
        """``GET /recommend/{user}``: ids, or with ``X-API-Version: 2`` ids and scores."""
        n, offset = _window(request.query_params)
        behavior = _written_back(request.query_params)
        question = {"user_id": request.path_params["user"], **_categories(request)}
        answer = await self._asked(question, n, offset, request)
        items = answer["items"][offset : offset + n]
        if behavior:
            shown = {"user_id": answer["user_id"], "behavior": behavior, "request_id": answer["request_id"]}
            refused = await self._sent([{**shown, "item_id": item["item_id"]} for item in items], request)
            if refused:
                return refused
        if request.headers.get("x-api-version") == "2":
            return JSONResponse(_scored(items))
        return JSONResponse([item["item_id"] for item in items])

    async def session(self, request: Request) -> Response:
        """``POST /session/recommend``: a session's feedback in, ids and scores out."""
        n, offset = _window(request.query_params)
        events = [
            {"item_id": one.ItemId, "behavior": one.FeedbackType, **({"timestamp": one.at} if one.at else {})}
            for one in _feedback(await request.body())
        ]
        # What was done in the session is not shown again.
        question = {"events": events, "exclude_own": True, **_categories(request)}
        answer = await self._asked(question, n, offset, request)
        return JSONResponse(_scored(answer["items"][offset : offset + n]))

    async def similar(self, request: Request) -> Response:
        """``GET /item-to-item/{name}/{item}``: there is one likeness, whatever its name."""
        n, offset = _window(request.query_params)
        question = {"item_id": request.path_params["item"], **_categories(request)}
        answer = await self._asked(question, n, offset, request)
        # What lists say of an item that the model does not know is no likeness.
        items = answer["items"] if answer["level"] == "full" else []
        return JSONResponse(_scored(items[offset : offset + n]))

    async def non_personalized(self, request: Request) -> Response:
        """``GET /non-personalized/popular``: what everyone takes, of a category where one is given."""
        name = request.path_params.get("name", POPULAR)
        if name != POPULAR:
            raise HTTPException(
                HTTPStatus.NOT_FOUND, f"there is no list {name[:60]!r}; the one list is {POPULAR}"
            )
        lists = self._held()
        asked = _categories(request).get("category", [])
        return _listed(lists.of(["|".join(asked)]) if asked else lists.everything, request)

    async def latest(self, request: Request) -> Response:
        """``GET /latest``: the newest items; the score is when each was made, in epoch seconds."""
        asked = _categories(request).get("category", [])
        newest = self._held().latest
        return _listed(
            [entry for entry in newest if not asked or within(entry.category, ["|".join(asked)])], request
        )

    async def feedback(self, request: Request) -> Response:
        """``POST /feedback``: passed on to the intake, durable before the answer."""
        events = [
            {
                "user_id": one.UserId,
                "item_id": one.ItemId,
                "behavior": one.FeedbackType,
                "source": "gorse",
                **({"value": one.Value} if one.Value else {}),
                **({"timestamp": one.at} if one.at else {}),
                **({"text": one.Comment} if one.Comment else {}),
            }
            for one in _feedback(await request.body())
        ]
        refused = await self._sent(events, request)
        return refused or JSONResponse({"RowAffected": len(events)})

    async def live(self, request: Request) -> Response:
        """``GET /health/live``."""
        return JSONResponse({"Ready": True})

    async def ready(self, request: Request) -> Response:
        """``GET /health/ready``."""
        ready = await self._sides.now.ready()
        return JSONResponse({"Ready": ready}, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def _asked(
        self, question: Mapping[str, Any], n: int, offset: int, request: Request
    ) -> Mapping[str, Any]:
        model = self._sides.now
        k = max(1, min(offset + n, model.shape.results))
        whole = {**question, "k": k, "reasons": False}
        [asked] = checked([whole], Question, model.shape, model.clock(), "the question")
        [answer] = await self._sides.answer([asked], named(request.headers))
        return answer

    async def _sent(self, events: Sequence[Mapping[str, Any]], request: Request) -> Response | None:
        """Posts events to the intake; what it refuses, or None."""
        if self._forward is None:
            raise HTTPException(
                HTTPStatus.NOT_IMPLEMENTED,
                "this server was not told where events go; POST them to the intake",
            )
        for start in range(0, len(events), SENT_AT_ONCE):
            status, said = await self._forward(events[start : start + SENT_AT_ONCE], request.headers)
            if status not in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
                return JSONResponse(said, status)
        return None

    def _held(self) -> Popular:
        lists = self._lists()
        if lists is None:
            raise NothingToShowError
        return lists


def _window(query: QueryParams) -> tuple[int, int]:
    n, offset = (_whole(query, name, otherwise) for name, otherwise in (("n", DEFAULT_N), ("offset", 0)))
    return n, offset


def _whole(query: QueryParams, name: str, otherwise: int) -> int:
    said = query.get(name, "")
    if not said:
        return otherwise
    if not said.isdecimal() or len(said) > 6:
        raise InputError(f"{name} is {said[:60]!r}; give a whole number")
    return int(said)


def _categories(request: Request) -> dict[str, Any]:
    """As Gorse means it: only items that are in all of them."""
    asked = [name for name in request.query_params.getlist("category") if name]
    if not asked and request.path_params.get("category"):
        asked = [request.path_params["category"]]
    return {"category": asked, "category_match": "all"} if asked else {}


def _written_back(query: QueryParams) -> str:
    if query.get("write-back-delay", "0").strip("0smh.") != "":
        raise InputError("write-back-delay is not offered: what is shown counts from now on; leave it out")
    return query.get("write-back-type", "")


def _feedback(body: bytes) -> list[Feedback]:
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InputError("the body is not JSON; send a list of feedback") from None
    try:
        return _FEEDBACK.validate_python(raw if isinstance(raw, list) else [raw])
    except ValidationError as error:
        raise InputError(sentence(error, Feedback, "feedback")) from None


def _scored(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"Id": item["item_id"], "Score": item["score"]} for item in items]


def _listed(entries: Sequence[Entry], request: Request) -> Response:
    n, offset = _window(request.query_params)
    return JSONResponse(
        [{"Id": entry.item_id, "Score": entry.score} for entry in entries[offset : offset + n]]
    )


async def _refused(request: Request, error: HTTPException) -> Response:
    return told(error.status_code, str(error.detail))


async def _wrong(request: Request, error: InputError) -> Response:
    return told(HTTPStatus.BAD_REQUEST, str(error))


async def _empty(request: Request, error: NothingToShowError) -> Response:
    return told(HTTPStatus.SERVICE_UNAVAILABLE, "no model answers and no list was ever made; train first")
