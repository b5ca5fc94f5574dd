"""The guard: what is public, and that nothing else passes for it, however it is written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.fetch.guard import AllowedHosts, address_fault, addresses_fault, host_fault

INTERNAL = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.9"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.0.8", "192.0.2.1", "198.18.0.1"),
    *("198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1"),
    # IPv4 addresses in the clothes of IPv6.
    *("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b::10.0.0.1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "2001::1"),
    *("100::1", "5f00::1", "3fff::1", "4000::1", "200::7f00:1", ""),
]
NAT64 = ip_network("64:ff9b::/96")
PUBLIC = ["1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "223.255.255.1"]
PUBLIC += [
    "2606:2800:220:1::1",
    "2400:cb00::1",
    "2a00:1450:4001::200e",
    "64:ff9b::808:808",
    "192.167.0.1",
    "169.253.0.1",
]


@pytest.mark.parametrize("address", INTERNAL)
def test_no_address_of_a_network_of_ours_is_public(address: str) -> None:
    assert address_fault(address)
    assert "not public" in addresses_fault("news.example", 443, [address])


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are(address: str) -> None:
    assert not address_fault(address)
    host = f"[{address}]" if ":" in address else address
    assert not host_fault(host.strip("[]"), 443)


def test_an_address_of_many_that_is_not_public_refuses_the_name() -> None:
    assert addresses_fault("news.example", 80, ["1.1.1.1", "10.0.0.1"]) == "its host is not public (private)"
    assert addresses_fault("news.example", 80, ["1.1.1.1", "2606:2800:220:1::1"]) == ""


@given(st.integers(0, 2**32 - 1))
def test_nothing_passes_that_python_takes_for_internal(number: int) -> None:
    address = IPv4Address(number)
    if (
        address.is_private
        or address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
    ):
        assert address_fault(str(address))
        assert address_fault(f"::ffff:{address}")
        assert address_fault(f"64:ff9b::{address}")


@given(st.integers(0, 2**128 - 1))
def test_no_ipv6_address_passes_that_python_takes_for_internal(number: int) -> None:
    address = IPv6Address(number)
    if not address.is_global or address.is_multicast or address.ipv4_mapped or address.teredo or address.sixtofour:
        assert address_fault(str(address)) or address in NAT64


@pytest.mark.parametrize(
    "host",
    [
        *("127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1", "127.0.0.1.", "127.0.1", "0"),
        *("1.1.1.1.1", "256.256.256.256", "0x", "news.example.1", "::ffff:127.0.0.1", "::1", "::1%lo", "1.0x8"),
        *("134744072", "8.8.2056", "0x08.8.8.8"),
    ],
)
def test_numbers_are_no_names(host: str) -> None:
    assert host_fault(host, 443)


@pytest.mark.parametrize(
    "host", ["news.example", "xn--fiqs8s.example", "1.news.example", "a1", "0x7f.example", "localhost"]
)
def test_of_a_name_its_addresses_decide(host: str) -> None:
    assert host_fault(host, 443) == ""


@pytest.mark.parametrize(
    ("port", "is_fine"),
    [(80, True), (443, True), (8080, True), (8443, True)]
    + [(port, False) for port in (0, 22, 25, 53, 110, 6379, 3306, 5432, 11211, 9200, 65535)],
)
def test_ports_are_those_of_the_web(port: int, *, is_fine: bool) -> None:
    assert bool(host_fault("news.example", port)) is not is_fine


def test_hosts_are_allowed_by_name_and_port_alone() -> None:
    allowed = AllowedHosts(["RSSHub.internal:1200", "127.0.0.1:8480", "[::1]:81"])
    assert host_fault("rsshub.internal.", 1200, allowed) == ""
    assert addresses_fault("rsshub.internal", 1200, ["10.0.0.5"], allowed) == ""
    assert host_fault("127.0.0.1", 8480, allowed) == host_fault("::1", 81, allowed) == ""
    # Neither another port, nor another name of the same address.
    assert addresses_fault("rsshub.internal", 8080, ["10.0.0.5"], allowed)
    assert addresses_fault("evil.example", 1200, ["10.0.0.5"], allowed)
    assert host_fault("127.0.0.1", 8481, allowed)
    assert host_fault("127.1", 8480, allowed)
    assert addresses_fault("localhost", 8480, ["127.0.0.1"], allowed)


@given(st.text(max_size=40), st.integers(0, 65535))
def test_any_host_gets_an_answer(host: str, port: int) -> None:
    assert isinstance(host_fault(host, port), str)
    try:
        ip_address(host)
    except ValueError:
        assert address_fault(host)
