"""Whether what the bot and PostgreSQL say to each other can be read, or changed, on the network between them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import sqlalchemy as sa

from digests.storage.engine.server import driver_needed

# libpq's modes in which nothing is said without encryption (PostgreSQL's documentation, 34.19.1).
_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
_SOCKETS = ("/", "@")


@dataclass(frozen=True, slots=True)
class ServerEncryption:
    """How the server is reached: `hosts` by network, none by a socket or on this machine, with libpq's `sslmode`."""

    hosts: tuple[str, ...]
    sslmode: str
    is_encrypted: bool

    @property
    def trouble(self) -> str | None:
        """What an operator should do about it, None if nothing."""
        if not self.hosts or self.is_encrypted:
            return None
        return (
            f"{', '.join(self.hosts)} is reached over a network with sslmode={self.sslmode}, which may leave all "
            "that is known of readers, and the password, readable on the way: add sslmode=require to database.url, "
            "or verify-full with sslrootcert, which also proves who answers"
        )


def server_encryption(url: sa.URL) -> ServerEncryption:
    """Read from an address of PostgreSQL, and libpq's environment, whether connections are encrypted. Asks nobody.

    Raises:
        StorageError: The driver is missing.
    """
    with driver_needed():
        from psycopg.pq import Conninfo
    _, given = url.set(drivername="postgresql+psycopg").get_dialect()().create_connect_args(url)
    defaults = {each.keyword.decode(): (each.val or b"").decode() for each in Conninfo.get_defaults()}
    options = defaults | {name: str(value) for name, value in given.items() if value}
    # One list may name the hosts, the other where they are: then that is where connections go.
    named, placed = options.get("host", "").split(","), options.get("hostaddr", "").split(",")
    hosts = [where or name for name, where in zip(*_as_long(named, placed), strict=True)]
    sslmode = options.get("sslmode") or "prefer"
    return ServerEncryption(
        tuple(host for host in hosts if not _is_here(host)),
        sslmode,
        sslmode in _ENCRYPTED or options.get("gssencmode") == "require",
    )


def _as_long(named: list[str], placed: list[str]) -> tuple[list[str], list[str]]:
    length = max(len(named), len(placed))
    return named + [""] * (length - len(named)), placed + [""] * (length - len(placed))


def _is_here(host: str) -> bool:
    """Return whether a host is this machine: a socket, which libpq also takes without one, or the loopback."""
    bare = host.strip("[]").partition("%")[0].rstrip(".").lower()
    if not bare or host.startswith(_SOCKETS) or bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)
