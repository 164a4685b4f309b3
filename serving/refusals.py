"""Why the predictor does not answer a question; each message is one sentence for the caller."""


class InvalidRequestError(ValueError):
    """The question does not fit the model: INVALID_ARGUMENT."""


class NotServedError(LookupError):
    """The model or version that is asked for is not loaded: NOT_FOUND."""


class ExpiredError(Exception):
    """The question's deadline passed before it was run: DEADLINE_EXCEEDED."""


class OverloadedError(Exception):
    """More questions wait than may: UNAVAILABLE."""
