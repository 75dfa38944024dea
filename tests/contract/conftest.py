"""A provider for the contract suites, on the database chosen by --database, or always on PostgreSQL for races."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from base.services import BaseServices
from tests.provider import SETTINGS, Provider, open_provider


@pytest.fixture
def provider(make_base: Callable[..., BaseServices]) -> Provider:
    return open_provider(make_base(*SETTINGS))
