"""Who may open a connection to whom, by the NetworkPolicies, as Kubernetes' API defines them."""

from typing import NamedTuple

HOME = "home"
"""Stands for the namespace of the policies."""


class Peer(NamedTuple):
    """A pod in a namespace, or (labels None) something outside of the cluster."""

    namespace: str
    labels: dict | None
    namespace_labels: dict


def here(labels):
    """A pod of the policies' namespace."""
    return Peer(HOME, labels, {"kubernetes.io/metadata.name": HOME})


def elsewhere(namespace, labels=None, **namespace_labels):
    """A pod of another namespace."""
    named = {"kubernetes.io/metadata.name": namespace}
    return Peer(namespace, labels or {}, {**named, **namespace_labels})


OUTSIDE = Peer("", None, {})


def matches(selector, labels):
    """Whether a label selector finds what has these labels."""
    if labels is None:
        return False
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    for each in selector.get("matchExpressions", []):
        value = labels.get(each["key"])
        fits = {
            "In": lambda value=value, each=each: value in each["values"],
            "NotIn": lambda value=value, each=each: value not in each["values"],
            "Exists": lambda value=value: value is not None,
            "DoesNotExist": lambda value=value: value is None,
        }[each["operator"]]
        if not fits():
            return False
    return True


def allowed(policies, source, target, port, protocol="TCP"):
    """Whether the connection is let out at one end and in at the other."""
    return _side(policies, "Egress", source, target, port, protocol) and _side(
        policies, "Ingress", target, source, port, protocol
    )


def _side(policies, direction, pod, other, port, protocol):
    if pod.namespace != HOME:
        return True
    isolating = [
        each["spec"]
        for each in policies
        if matches(each["spec"]["podSelector"], pod.labels) and direction in each["spec"]["policyTypes"]
    ]
    rules, ends = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    return not isolating or any(
        (ends not in rule or any(_is(peer, other) for peer in rule[ends]))
        and ("ports" not in rule or {"port": port, "protocol": protocol} in rule["ports"])
        for spec in isolating
        for rule in spec.get(rules, [])
    )


def _is(peer, other):
    if "namespaceSelector" in peer:
        if not matches(peer["namespaceSelector"], other.namespace_labels):
            return False
    elif other.namespace != HOME:
        return False
    return other.labels is not None and matches(peer.get("podSelector", {}), other.labels)
