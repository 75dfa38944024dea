"""What the modules of the FAPI 2.0 security plan share: an installation with mutual TLS, and its clients."""

from __future__ import annotations

import pytest

from tests.fapi import CITY, VARIANTS, Party, party
from tests.provider import Provider


@pytest.fixture
def provider(provider: Provider) -> Provider:
    return provider.with_mtls(CITY)


@pytest.fixture(params=VARIANTS, ids="-".join)
def client(request: pytest.FixtureRequest, provider: Provider) -> Party:
    return party(provider, *request.param)


@pytest.fixture
def simple(provider: Provider) -> Party:
    """Where the variant makes no difference."""
    return party(provider, "private_key_jwt", "dpop")


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())
