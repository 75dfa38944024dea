"""Fixtures of the functional suites."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from base.clock import FixedClock
from base.services import BaseServices
from idp.settings import IdpSettings
from keys.settings import KeysSettings
from tests.functional.idp_site import Site, open_site
from tests.hosts import Host, hosting


@pytest.fixture
def site(make_base: Callable[..., BaseServices], clock: FixedClock) -> Site:
    """The provider's pages, with cheap password hashes."""
    settings = IdpSettings(argon2_memory_kib=1024, argon2_time_cost=1)
    return open_site(make_base(settings, KeysSettings(rsa_key_bits=2048)), clock)


@pytest.fixture
def host() -> Iterator[Host]:
    """A relying party's web server on loopback."""
    with hosting() as found:
        yield found


@pytest.fixture
def open_site_for_all(site: Site) -> Site:
    """The same where anybody may register what the official test plans register."""
    return site.with_settings(registration="open", registration_policy="certification", registrations_per_network=1000)
