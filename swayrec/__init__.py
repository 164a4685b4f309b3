"""Swayrec: how much each thing a user does sways what the user does next, and what to recommend from that."""

import os

__version__ = "0.1.0"

# Before any of these libraries is imported, by whatever process: nothing is reported to anyone, nothing is
# fetched from a model hub, and TensorFlow tells only what went
# wrong. Whoever wants otherwise sets them first.
for _name, _value in {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "BENTOML_DO_NOT_TRACK": "True",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}.items():
    os.environ.setdefault(_name, _value)
