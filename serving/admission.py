"""Whether a request is let in: the one decision, for HTTP and gRPC, of transformer, intake and predictor."""

import math
from dataclasses import dataclass, field
from http import HTTPStatus

from prometheus_client import Counter

from serving.client_address import Proxies
from serving.rate_limit import RateLimit
from serving.tokens import Bearer, Scope, Tokens

_REFUSED = Counter("swayrec_not_admitted", "Requests that were not let in", ["reason"])
for _reason in ("rate", "no token", "unknown token", "scope"):
    _REFUSED.labels(_reason)
_BEARER = "bearer"


@dataclass(frozen=True)
class Refusal:
    """Why a request is not let in, as an error of HTTP; ``wait`` = seconds until it may be tried again."""

    status: HTTPStatus
    sentence: str
    headers: dict[str, str]
    wait: float | None = None


@dataclass(frozen=True)
class Asker:
    """Who asks, as the request's headers (or metadata) and its connection tell; '' = nothing told.

    ``peer`` is the address of the connection's other end, the other two are the headers of their names.
    """

    peer: str = ""
    authorization: str = ""
    forwarded_for: str = ""


@dataclass(frozen=True)
class Admission:
    """Lets in whoever has a token for what is asked, and has not asked too often.

    ``tokens`` None = everyone; what needs a scope among ``open_to_all`` needs no token. ``limit`` None = as often
    as anyone likes. Who brings a known token is counted by its name, everyone else by the address.
    """

    tokens: Tokens | None = None
    open_to_all: frozenset[Scope] = frozenset()
    limit: RateLimit | None = None
    proxies: Proxies = field(default_factory=Proxies)

    def refusal(self, scope: Scope, asker: Asker) -> Refusal | None:
        """Why a request that needs ``scope`` is refused; None = it is let in."""
        kind, _, token = asker.authorization.partition(" ")
        token = token.strip() if kind.lower() == _BEARER else ""
        bearer = self.tokens.find(token) if self.tokens and token else None
        # Before the token is judged, so that nobody tries many.
        return self._too_often(bearer, asker) or self._not_allowed(scope, token, bearer)

    def _too_often(self, bearer: Bearer | None, asker: Asker) -> Refusal | None:
        if self.limit is None:
            return None
        # A name holds no blank and an address none either: neither can be taken for the other.
        client = f"token {bearer.name}" if bearer else self.proxies.client(asker.peer, asker.forwarded_for)
        wait = self.limit.wait(client)
        if not wait:
            return None
        _REFUSED.labels("rate").inc()
        seconds = math.ceil(wait)
        return Refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"too many requests; ask again in {seconds} s",
            {"Retry-After": str(seconds)},
            wait,
        )

    def _not_allowed(self, scope: Scope, token: str, bearer: Bearer | None) -> Refusal | None:
        if self.tokens is None or scope in self.open_to_all or (bearer and scope in bearer.scopes):
            return None
        if not token:
            return _challenge(
                "no token",
                HTTPStatus.UNAUTHORIZED,
                "this needs a token; send it in the header Authorization, as Bearer TOKEN",
                "Bearer",
            )
        if bearer is None:
            return _challenge(
                "unknown token",
                HTTPStatus.UNAUTHORIZED,
                "the token is not known",
                'Bearer error="invalid_token"',
            )
        return _challenge(
            "scope",
            HTTPStatus.FORBIDDEN,
            f"the token is not for this; it needs the scope {scope}",
            f'Bearer error="insufficient_scope", scope="{scope}"',
        )


EVERYONE = Admission()
"""Lets everyone in."""


def _challenge(reason: str, status: HTTPStatus, sentence: str, challenge: str) -> Refusal:
    _REFUSED.labels(reason).inc()
    return Refusal(status, sentence, {"WWW-Authenticate": challenge})
