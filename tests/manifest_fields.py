"""Manifests held field by field against the models of Kubernetes' and KServe's own packages."""

import re
import sys
from functools import cache

import kubernetes.client

PLAIN = {"str": str, "int": int, "float": (int, float), "bool": bool, "object": object}


@cache
def models():
    """A model's class by its name."""
    given, sys.argv = sys.argv, sys.argv[:1]
    from kserve import models

    sys.argv = given
    return lambda name: getattr(models, name, None) or getattr(kubernetes.client, name)


def wrong(models, kind, value, place):
    """What does not fit, in words; nothing where all does."""
    inner = re.fullmatch(r"(list|dict)\[(?:str, )?(.*)\]|dict\(str, (.*)\)", kind)
    if inner and kind.startswith("list"):
        return [
            bad
            for number, one in enumerate(value)
            for bad in wrong(models, inner[2], one, f"{place}[{number}]")
        ]
    if inner:
        part = inner[2] or inner[3]
        return [bad for name, one in value.items() for bad in wrong(models, part, one, f"{place}.{name}")]
    if kind in PLAIN:
        return [] if isinstance(value, PLAIN[kind]) else [f"{place} is {value!r}, no {kind}"]
    model = models(kind)
    names = {written: name for name, written in model.attribute_map.items()}
    bad = [f"{place}.{name} is not known to {kind}" for name in value if name not in names]
    for name, one in value.items():
        if name in names:
            bad += wrong(models, model.openapi_types[names[name]], one, f"{place}.{name}")
    return bad
