"""Names of trust domains."""

from __future__ import annotations

from keys.trust.anchor import Domain
from signing.validation.domains import DOMAINS, name_of


def test_every_domain_has_a_name() -> None:
    assert set(DOMAINS) == {str(domain) for domain in Domain}
    assert all(name.vi and name.en for name in DOMAINS.values())


def test_no_domain_no_name() -> None:
    assert name_of("").vi == name_of("").en == ""
