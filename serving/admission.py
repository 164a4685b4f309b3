"""Whether a request is let in: the one decision, for HTTP and gRPC, of transformer, intake and predictor."""

from dataclasses import dataclass, field
from http import HTTPStatus

from prometheus_client import Counter

from serving.tokens import Bearer, Scope, Tokens

_REFUSED = Counter("swayrec_not_admitted", "Requests that were not let in", ["reason"])
_BEARER = "bearer"


@dataclass(frozen=True)
class Refusal:
    """Why a request is not let in, as an error of HTTP."""

    status: HTTPStatus
    sentence: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Admission:
    """Lets in whoever has a token for what is asked.

    ``tokens`` None = everyone; what needs a scope among ``open_to_all`` needs no token.
    """

    tokens: Tokens | None = None
    open_to_all: frozenset[Scope] = frozenset()

    def refusal(self, scope: Scope, authorization: str) -> Refusal | None:
        """Why a request that needs ``scope`` is refused; None = it is let in.

        Args:
            scope: what the request needs.
            authorization: the header of this name; '' = none.
        """
        if self.tokens is None or scope in self.open_to_all:
            return None
        kind, _, token = authorization.partition(" ")
        if kind.lower() != _BEARER or not token.strip():
            return self._refused(
                "no token",
                HTTPStatus.UNAUTHORIZED,
                "this needs a token; send it in the header Authorization, as Bearer TOKEN",
                "Bearer",
            )
        bearer = self.tokens.find(token.strip())
        if bearer is None:
            return self._refused(
                "unknown token",
                HTTPStatus.UNAUTHORIZED,
                "the token is not known",
                'Bearer error="invalid_token"',
            )
        return self._scoped(bearer, scope)

    def _scoped(self, bearer: Bearer, scope: Scope) -> Refusal | None:
        if scope in bearer.scopes:
            return None
        return self._refused(
            "scope",
            HTTPStatus.FORBIDDEN,
            f"the token is not for this; it needs the scope {scope}",
            f'Bearer error="insufficient_scope", scope="{scope}"',
        )

    def _refused(self, reason: str, status: HTTPStatus, sentence: str, challenge: str) -> Refusal:
        _REFUSED.labels(reason).inc()
        return Refusal(status, sentence, {"WWW-Authenticate": challenge})


EVERYONE = Admission()
"""Lets everyone in."""
