"""Questions as tensors of the v2 protocol, one question a row, and the answers as tensors."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving.question import MOST_INSTANCES
from serving.tensors import NUMBER, TEXT, TRUTH, WHOLE, Tensor, values
from swayrec.tables.errors import InputError

INPUTS: dict[str, tuple[str, int]] = {
    "user_id": (TEXT, 1),
    "k": (WHOLE, 1),
    "item_id": (TEXT, 1),
    "exclude_seen": (TRUTH, 1),
    "exclude_own": (TRUTH, 1),
    "exclude": (TEXT, 2),
    "category": (TEXT, 2),
    "category_match": (TEXT, 1),
    "candidates": (TEXT, 2),
    "event_item_id": (TEXT, 2),
    "event_behavior": (TEXT, 2),
    "event_timestamp": (NUMBER, 2),
    "now": (NUMBER, 1),
    "diversity": (NUMBER, 1),
    "reasons": (TRUTH, 1),
    "language": (TEXT, 1),
    "request_id": (TEXT, 1),
}
"""Datatype and rank of every input: [B], or [B, n] padded with ''. None must be there but one of them."""

PARAMETERS = (
    "k",
    "exclude_seen",
    "exclude_own",
    "category_match",
    "now",
    "diversity",
    "reasons",
    "language",
)
"""Options that may stand among a request's parameters, for all of its questions."""

REASONS = 3

OUTPUTS: dict[str, tuple[str, tuple[int, ...]]] = {
    "item_id": (TEXT, (-1, -1)),
    "title": (TEXT, (-1, -1)),
    "score": (NUMBER, (-1, -1)),
    "source": (TEXT, (-1, -1)),
    "reason_item_id": (TEXT, (-1, -1, REASONS)),
    "reason_behavior": (TEXT, (-1, -1, REASONS)),
    "reason_share": (NUMBER, (-1, -1, REASONS)),
    "reason_text": (TEXT, (-1, -1, REASONS)),
    "user_id": (TEXT, (-1,)),
    "request_id": (TEXT, (-1,)),
    "level": (TEXT, (-1,)),
    "model_version": (WHOLE, (-1,)),
    "variant": (TEXT, (-1,)),
    "intent": (NUMBER, (-1, -1)),
    "unknown": (TEXT, (-1, -1)),
    "policy": (TEXT, (-1, -1)),
}
"""Datatype and shape of every output: B questions, K items of the longest list, padded with '' and 0."""


def questions(tensors: Sequence[Tensor], parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The raw questions of a request, as v1 has them; '' and NaN are what was not given.

    Raises:
        InputError: one sentence about the first thing that is wrong.
    """
    given: dict[str, np.ndarray] = {}
    for tensor in tensors:
        if tensor.name not in INPUTS:
            raise InputError(
                f"the input {tensor.name[:60]!r} is not known; the inputs are {', '.join(INPUTS)}"
            )
        if tensor.name in given:
            raise InputError(f"the input {tensor.name} comes twice")
        given[tensor.name] = values(tensor, *INPUTS[tensor.name])
    if not given:
        raise InputError("the request has no input; give user_id, item_id or the events of a session")
    sizes = {name: len(array) for name, array in given.items()}
    size = next(iter(sizes.values()))
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {number}" for name, number in sizes.items())
        raise InputError(f"the inputs disagree on the number of questions: {told}")
    if not 1 <= size <= MOST_INSTANCES:
        raise InputError(f"the request holds {size} questions; ask 1 to {MOST_INSTANCES} at once")
    options = _options(parameters or {})
    return [{**options, **_row(given, row)} for row in range(size)]


def answered(answers: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """The outputs for answers as v1 has them.

    ``model_version`` is 0 and ``intent`` -1 where lists answered; ``intent`` stands in the order of the
    model's targets.
    """
    size = len(answers)
    width = max(len(answer["items"]) for answer in answers)
    targets = max((list(answer["intent"]) for answer in answers), key=len)
    arrays = {
        name: np.full(
            [
                size,
                *(width if part == -1 and place == 0 else part for place, part in enumerate(shape[1:])),
            ],
            "" if kind == TEXT else 0,
            {TEXT: object, WHOLE: np.int64, NUMBER: np.float64}[kind],
        )
        for name, (kind, shape) in OUTPUTS.items()
        if name not in ("intent", *_LISTS)
    }
    arrays["intent"] = np.full([size, len(targets)], -1.0)
    for name in _LISTS:
        arrays[name] = np.full([size, max(len(answer[name]) for answer in answers)], "", object)
    for row, answer in enumerate(answers):
        for name in ("user_id", "request_id", "level", "variant"):
            arrays[name][row] = answer[name] or ""
        arrays["model_version"][row] = answer["model_version"] or 0
        for name in _LISTS:
            arrays[name][row, : len(answer[name])] = answer[name]
        if answer["intent"]:
            arrays["intent"][row] = [answer["intent"][target] for target in targets]
        for place, item in enumerate(answer["items"]):
            for name in ("item_id", "title", "score", "source"):
                arrays[name][row, place] = item[name]
            for number, reason in enumerate(item["reasons"]):
                for name in ("item_id", "behavior", "share", "text"):
                    arrays[f"reason_{name}"][row, place, number] = reason[name]
    return arrays


def _options(parameters: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(parameters) - {*PARAMETERS, "binary_data_output"}):
        raise InputError(
            f"the parameter {unknown[0][:60]!r} is not known; the parameters are {', '.join(PARAMETERS)}"
        )
    return {name: value for name, value in parameters.items() if name in PARAMETERS}


def _row(given: Mapping[str, np.ndarray], row: int) -> dict[str, Any]:
    question: dict[str, Any] = {}
    for name, array in given.items():
        kind, rank = INPUTS[name]
        value = array[row]
        if name.startswith("event_"):
            continue
        if rank == 2:
            kept = [part for part in value if part != ""]
            if kept:
                question[name] = kept
        elif value != "" and not (kind == NUMBER and math.isnan(value)):
            question[name] = value
    if events := _events(given, row):
        question["events"] = events
    return question


def _events(given: Mapping[str, np.ndarray], row: int) -> list[dict[str, Any]]:
    columns = {name: given[f"event_{name}"][row] for name in _EVENT if f"event_{name}" in given}
    if len({len(column) for column in columns.values()}) > 1:
        raise InputError("event_item_id, event_behavior and event_timestamp must have the same shape")
    events = []
    for place in range(max(map(len, columns.values()), default=0)):
        event = {name: column[place] for name, column in columns.items()}
        if math.isnan(event.get("timestamp", math.nan)):
            event.pop("timestamp", None)
        event = {name: value for name, value in event.items() if value != ""}
        if event:
            events.append(event)
    return events


_LISTS = ("unknown", "policy")
"""Outputs that hold one list an answer, padded with '' to the longest."""

_EVENT = ("item_id", "behavior", "timestamp")
