"""Settings of the demo city, and the addresses that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from base.settings import BaseSettings, Settings, setting


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """Where the two demo agency services are reached."""

    demo_city: bool = setting(False, "Whether the demo city runs beside the product; `antin run --demo` sets it.")
    demo_portal_url: str = setting(
        "", "Public address of the demo public-service portal; empty means the issuer's address, port + 1."
    )
    demo_onestop_url: str = setting(
        "", "Public address of the demo one-stop office; empty means the issuer's address, port + 2."
    )


@dataclass(frozen=True, slots=True)
class Addresses:
    """Public addresses, without a trailing slash."""

    issuer: str
    portal: str
    onestop: str


def addresses(settings: Settings) -> Addresses:
    """The public addresses of the provider and of the two demo services."""
    issuer = settings[BaseSettings].issuer.rstrip("/")
    demo = settings[DemoSettings]
    return Addresses(
        issuer=issuer,
        portal=demo.demo_portal_url.rstrip("/") or _beside(issuer, 1),
        onestop=demo.demo_onestop_url.rstrip("/") or _beside(issuer, 2),
    )


def port_of(url: str) -> int:
    """The port of an address, explicit or by its scheme."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _beside(issuer: str, offset: int) -> str:
    parts = urlsplit(issuer)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"http://{host}:{port_of(issuer) + offset}"
