"""How a person recognises where a sign-in came from: a few words for the device, and the network it used."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

_BROWSERS = (
    ("CocCoc", r"coc_coc_browser/"),
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Zalo", r"Zalo"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|CriOS)/"),
    ("Safari", r"Version/.*Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows NT"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)
V6_SITE_PREFIX = 64


@lru_cache(256)
def describe_device(user_agent: str) -> str:
    """ "Chrome · Android" of a User-Agent header; an unknown one gives "?", never the header itself."""
    found = [_first(table, user_agent) for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or "?"


@lru_cache(1024)
def network_of(address: str) -> str:
    """The part of an address that one customer holds: IPv4 as it is, IPv6 to /64; "?" when it is no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, V6_SITE_PREFIX), strict=False))
    return str(parsed)


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in table if re.search(pattern, user_agent)), "")
