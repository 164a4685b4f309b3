"""docs/endpoints.md against the running predictor: its sentences and its defaults."""

import re

import grpc
import numpy as np
import pytest

from serving import wire
from serving.batching import Batching
from serving.predictor import _options

from .test_endpoints_page import section
from .test_predictor import question

PAGE = section("The predictor and its versions")


@pytest.mark.parametrize(
    ("change", "spec"),
    [
        ({"item": np.full((1, 3), "", object)}, {}),
        ({}, {"version": 3}),
        ({}, {"version_label": "nightly"}),
        (None, {}),
    ],
)
def test_a_refusal_says_what_the_page_says(target, shape, change, spec):
    message = b"\xff" * 9
    if change is not None:
        asked = wire.request("swayrec", "recommend", question(shape) | change, spec.get("version"))
        message = asked.SerializeToString()
        if "version_label" in spec:
            # Field 4 of ModelSpec, which our own caller does not need.
            label = spec["version_label"].encode()
            model = asked.model_spec.SerializeToString() + b"\x22" + bytes([len(label)]) + label
            asked.ClearField("model_spec")
            message = b"\x0a" + bytes([len(model)]) + model + asked.SerializeToString()
    with grpc.insecure_channel(target) as channel, pytest.raises(grpc.RpcError) as error:
        channel.unary_unary(wire.PREDICT)(message, timeout=20)
    # Widths and versions are the model's own.
    row = f"| {error.value.code().name} | "
    said = re.sub(r"\d+", "N", error.value.details())
    assert any(
        line.startswith(row) and f"`{said}`" in re.sub(r"\d+", "N", line) for line in PAGE.splitlines()
    ), said


def test_the_defaults_of_batching_are_the_pages():
    settings, given = Batching(), _options().parse_args(["--model-base-path", "x", "--port", "1"])
    assert given.enable_batching == "auto"
    for name in ("max_batch_size", "batch_timeout_micros", "num_batch_threads"):
        assert getattr(settings, name) == getattr(given, name)
        assert f"`--{name.replace('_', '-')}` ({getattr(settings, name)}" in PAGE
