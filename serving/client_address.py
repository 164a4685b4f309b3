"""Where a request comes from, behind proxies too."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from swayrec.tables.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOUSE = 64
"""Bits of an IPv6 address that tell households apart; who has one has all addresses below it."""


@dataclass(frozen=True)
class Proxies:
    """The peers whose X-Forwarded-For is believed; anyone else could write there what he likes."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, told: Iterable[str]) -> "Proxies":
        """Proxies by address or network (10.0.0.0/8).

        Raises:
            InputError: one is neither.
        """
        networks = []
        for each in told:
            try:
                networks.append(ipaddress.ip_network(each, strict=False))
            except ValueError:
                raise InputError(
                    f"the trusted proxy {each!r} is no address and no network such as 10.0.0.0/8"
                ) from None
        return cls(tuple(networks))

    def client(self, peer: str, forwarded: str = "") -> str:
        """The address that a request comes from: the last in the chain that is no proxy of ours.

        Args:
            peer: the connection's other end; '' = not known.
            forwarded: X-Forwarded-For, to which each proxy adds whom it heard at the end.

        Returns:
            The address; of one in IPv6 the network of its household.
        """
        found = _address(peer)
        hops = [hop for hop in forwarded.split(",") if hop.strip()]
        while found and hops and any(found in network for network in self.networks):
            earlier = _address(hops.pop())
            if earlier is None:
                break
            found = earlier
        if found is None:
            return peer
        if found.version == 6:
            return str(ipaddress.ip_network((found, _HOUSE), strict=False))
        return str(found)


def grpc_peer(peer: str) -> str:
    """The address in what gRPC calls a peer: ``ipv4:127.0.0.1:5000``, ``ipv6:%5B::1%5D:5000``."""
    kind, _, rest = peer.partition(":")
    return unquote(rest).rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else peer


def _address(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]  # Some proxies add the port.
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
