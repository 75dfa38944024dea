"""Commands of signing: `antin` sign, pack, verify, extend, preserve, evidence, prepare, finish."""

from __future__ import annotations

from collections.abc import Callable

import click

from signing.cli import elsewhere, evidence, extend, pack, preserve, sign, verify
from signing.services import SigningServices


def register(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    """Add our commands. `open_services` is called only by a command that needs database and keys."""
    sign.register(group, open_services)
    pack.register(group)
    verify.register(group, open_services)
    extend.register(group, open_services)
    preserve.register(group, open_services)
    evidence.register(group, open_services)
    elsewhere.register(group, open_services)
