"""Which addresses of the web may be connected to: public ones, and the hosts that the operator allows by name (pure).

Whoever writes an article chooses its addresses. They must lead into no network that only this machine can reach.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

WEB_PORTS = frozenset({80, 443, *range(8000, 9000)})
"""Ports of web servers; by any other, an address would have us talk to a server that does something else."""

# From IANA's registries of special-purpose addresses (RFC 6890 and later), without those that are reachable globally.
_SPECIAL = tuple(
    (ip_network(network), kind)
    for network, kind in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a provider's customers",
        "127.0.0.0/8": "loopback",
        "169.254.0.0/16": "link-local",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved",
        "192.0.2.0/24": "for documentation",
        "192.88.99.0/24": "6to4",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "for benchmarks",
        "198.51.100.0/24": "for documentation",
        "203.0.113.0/24": "for documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
        "::/128": "unspecified",
        "::1/128": "loopback",
        "::ffff:0:0/96": "IPv4 within IPv6",
        "64:ff9b:1::/48": "NAT64 of this network",
        "2001:db8::/32": "for documentation",
        "2001::/32": "Teredo",
        "2001::/23": "reserved",
        "2002::/16": "6to4",
        "3fff::/20": "for documentation",
        "fc00::/7": "private",
        "fe80::/10": "link-local",
        "fec0::/10": "private",
        "ff00::/8": "multicast",
    }.items()
)
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All of IPv6 that was ever given out (RFC 4291, IANA's registry): whatever is elsewhere is nobody's."""
_NAT64 = ip_network("64:ff9b::/96")
# A host whose last part is a number is an IPv4 address to many programs: `127.1`, `0x7f.1`, `2130706433`, `0177.0.0.1`
# (https://url.spec.whatwg.org/#ends-in-a-number-checker).
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$", re.IGNORECASE)


class AllowedHosts:
    """Hosts that may be connected to although they are not public, each by its name and one port."""

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        """Create it from texts of the form host:port, as in `fetch.allow_hosts`."""
        split = (text.rpartition(":") for text in hosts)
        self._hosts = frozenset((plain_host(host), int(port)) for host, _, port in split)

    def allow(self, host: str, port: int) -> bool:
        """Return whether this host is allowed at this port, under this name and no other."""
        return (plain_host(host), port) in self._hosts


NOBODY = AllowedHosts()


def plain_host(host: str) -> str:
    """Return a host in the one form in which hosts are compared."""
    plain = host.strip("[]").rstrip(".").lower()
    try:
        return str(ip_address(plain))
    except ValueError:
        return plain


def address_fault(address: str) -> str:
    """Return what kind of IP address this is if it is not a public one, else ""."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return "no IP address"
    if ip in _NAT64:
        # An IPv6-only machine reaches public IPv4 addresses by these (RFC 6052).
        ip = IPv4Address(int(ip) & 0xFFFF_FFFF)
    for network, kind in _SPECIAL:
        if ip in network:
            return kind
    return "" if ip.version == 4 or ip in _GLOBAL_UNICAST else "reserved"


def host_fault(host: str, port: int, allowed: AllowedHosts = NOBODY) -> str:
    """Return why a host may not be connected to at this port, as far as its name tells, else ""."""
    if allowed.allow(host, port):
        return ""
    if not host:
        return "it names no host"
    if port not in WEB_PORTS:
        return f"port {port} is not one of the web"
    if ":" in host:
        return _not_public(address_fault(host))
    name = host.rstrip(".")
    if not _ENDS_IN_NUMBER.search(name):
        return ""
    try:
        return _not_public(address_fault(str(IPv4Address(name))))
    except ValueError:
        return "its host is a number instead of a name"


def addresses_fault(host: str, port: int, addresses: Collection[str], allowed: AllowedHosts = NOBODY) -> str:
    """Return why a host with all of these IP addresses may not be connected to, else "".

    One that is not public is enough: whoever owns the name has it lead there.
    """
    if allowed.allow(host, port):
        return ""
    return next((_not_public(kind) for kind in map(address_fault, addresses) if kind), "")


def _not_public(kind: str) -> str:
    return kind and f"its host is not public ({kind})"
