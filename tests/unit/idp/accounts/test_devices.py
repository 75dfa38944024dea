"""How a device and a network are named."""

from __future__ import annotations

import pytest

from idp.accounts.devices import describe_device, network_of


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile "
            "Safari/537.36",
            "Chrome · Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox · Windows"),
        ("curl/8.5.0", "?"),
        ("<script>alert(1)</script>", "?"),
        ("", "?"),
    ],
)
def test_device(header: str, words: str) -> None:
    assert describe_device(header) == words


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.113.131.1", "203.113.131.1"),
        ("2405:4800:1:2:3:4:5:6", "2405:4800:1:2::/64"),
        ("::ffff:203.113.131.1", "203.113.131.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "?"),
        ("not an address", "?"),
    ],
)
def test_network(address: str, network: str) -> None:
    assert network_of(address) == network
