"""Manifests held field by field against the models of Kubernetes' and KServe's own packages."""

import functools
import re
import sys

import kubernetes.client

PLAIN = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "object": object,
    # Quantities, as Kubernetes reads them.
    "ResourceQuantity": (str, int),
    "V1beta1MetricQuantity": (str, int),
}


@functools.cache
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
        if not isinstance(value, list):
            return [f"{place} is {value!r}, no list"]
        return [
            bad
            for number, one in enumerate(value)
            for bad in wrong(models, inner[2], one, f"{place}[{number}]")
        ]
    if not inner and kind in PLAIN:
        fits = isinstance(value, PLAIN[kind]) and not (
            isinstance(value, bool) and kind not in ("bool", "object")
        )
        return [] if fits else [f"{place} is {value!r}, no {kind}"]
    if not isinstance(value, dict):
        return [f"{place} is {value!r}, no object"]
    if inner:
        part = inner[2] or inner[3]
        return [bad for name, one in value.items() for bad in wrong(models, part, one, f"{place}.{name}")]
    model = models(kind)
    names = {written: name for name, written in model.attribute_map.items()}
    bad = [f"{place}.{name} is not known to {kind}" for name in value if name not in names]
    bad += [f"{place}.{name} is missing" for name in required(model) if value.get(name) is None]
    for name, one in value.items():
        if name in names:
            bad += wrong(models, model.openapi_types[names[name]], one, f"{place}.{name}")
    return bad


@functools.cache
def required(model):
    """The fields, as they are written, that a model refuses to be without."""
    settings = kubernetes.client.Configuration()
    settings.client_side_validation = False
    empty = model(local_vars_configuration=settings)
    settings.client_side_validation = True
    found = []
    for name, written in model.attribute_map.items():
        try:
            setattr(empty, name, None)
        except ValueError:
            found.append(written)
    return found
