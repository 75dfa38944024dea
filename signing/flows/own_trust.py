"""What our own installation adds to a verification: whom it trusts, its authorities and its revocation lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keys.api import Keys


@dataclass(frozen=True, slots=True)
class TrustSource:
    """
    DER of the roots, of its authorities' certificates and of its current revocation lists; domains: of the roots, the
    trust domain each stands in (keys/trust/anchor.py: Domain).

    Empty on a machine without an installation; verification then stands on the given anchors alone.
    """

    anchors: tuple[bytes, ...] = ()
    known: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()
    domains: Mapping[bytes, str] = field(default_factory=dict)


NO_SOURCE = TrustSource()


def own_trust(keys: Keys) -> TrustSource:
    """The installation whose keys these are. Raises: KeysUnavailable."""
    domains: dict[bytes, str] = {}
    for anchor in keys.anchors():
        domains.setdefault(anchor.der, str(anchor.domain))
    lists = tuple(keys.crl(name) for name in keys.authority_names())
    return TrustSource(tuple(domains), tuple(keys.issuer_certificates()), lists, domains)
