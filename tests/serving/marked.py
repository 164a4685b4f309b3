"""Requests at every door that hold one mark wherever a text may stand."""

from .doors import over_grpc, post

MARK = "id-of-somebody-17"


def everything(serving):
    """Good and bad requests at every door, all with the mark; the answers' statuses and errors."""
    event = {"user_id": MARK, "item_id": MARK, "behavior": "buy"}
    question = {"user_id": MARK, "candidates": [MARK], "exclude": [MARK], "request_id": MARK}
    tensor = {"name": "user_id", "shape": [1], "datatype": "BYTES", "data": [MARK]}
    bodies = {
        f"{serving.url}/v1/models/swayrec:predict": [
            {"instances": [question]},
            {"instances": [{"user_id": MARK, "events": [{"item_id": MARK, "behavior": "buy"}]}]},
            {"instances": [{"item_id": MARK}]},
            {"instances": [{"user_id": MARK, "k": 99_999}]},
            {"instances": [{"user_id": MARK, MARK: MARK}]},
            {"instances": MARK},
            [MARK],
        ],
        f"{serving.url}/v1/models/swayrec:explain": [
            {"instances": [{"user_id": MARK, "item_id": "i05"}]},
            {"instances": [{"user_id": MARK, "item_id": MARK}]},
        ],
        f"{serving.url}/v2/models/swayrec/infer": [
            {"id": MARK, "inputs": [tensor]},
            {"inputs": [{**tensor, "name": MARK}]},
            {"inputs": [tensor], "parameters": {MARK: MARK}},
        ],
        f"{serving.url}/v1/models/{MARK}:predict": [{"instances": [question]}],
        f"{serving.url}/{MARK}": [{}],
        f"{serving.intake_url}/events": [
            event,
            [event, event],
            {**event, "behavior": MARK},
            {**event, "timestamp": MARK},
            {**event, MARK: MARK},
            {"specversion": "1.0", "id": MARK, "source": MARK, "type": "buy", "data": event},
            MARK,
        ],
        f"{serving.intake_url}/items": [{"item_id": MARK, "title": MARK}, {"item_id": MARK}],
        f"{serving.intake_url}/{MARK}": [event],
    }
    answers = [post(url, body, **{"X-Request-Id": MARK}) for url, sent in bodies.items() for body in sent]
    answers.append((over_grpc(serving, metadata=(("x-request-id", MARK),))[0], {}))
    return [(status, told.get("error")) for status, told in answers]
