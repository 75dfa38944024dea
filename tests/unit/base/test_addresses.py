"""Which addresses outgoing requests may reach, by the registries of special addresses."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from base.addresses import refusal_of

NEVER = [
    "169.254.169.254",  # cloud metadata
    "fe80::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
]
PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "::ffff:127.0.0.1",
    "::7f00:1",
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "100.64.0.1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:0a00:0001::1",
    "198.18.0.1",
    "192.0.2.1",
]
PUBLIC = ["1.1.1.1", "203.162.4.190", "2001:4860:4860::8888", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", NEVER)
def test_never(address: str) -> None:
    assert refusal_of(ip_address(address), allow_private=True)
    assert refusal_of(ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_ones_by_setting(address: str) -> None:
    assert refusal_of(ip_address(address), allow_private=False) in ("private", "reserved")
    assert refusal_of(ip_address(address), allow_private=True) == ""


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_always(address: str) -> None:
    assert refusal_of(ip_address(address), allow_private=False) == ""
