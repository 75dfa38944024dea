"""What our own installation adds to a verification: whom it trusts, its authorities and its revocation lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keys.api import Keys


@dataclass(frozen=True, slots=True)
class TrustSource:
    """
    DER of the roots, of its authorities' certificates and of its current revocation lists; domains: of the roots, the
    trust domain each stands in (keys/trust/anchor.py: Domain); granted: of a root from a trust list, when it may be
    trusted; late: of such a root, when its list should have been followed by another one. Epoch seconds.

    Empty on a machine without an installation; verification then stands on the given anchors alone.
    """

    anchors: tuple[bytes, ...] = ()
    known: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()
    domains: Mapping[bytes, str] = field(default_factory=dict)
    granted: Mapping[bytes, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    late: Mapping[bytes, int] = field(default_factory=dict)


NO_SOURCE = TrustSource()


def own_trust(keys: Keys) -> TrustSource:
    """The installation whose keys these are. Raises: KeysUnavailable."""
    domains: dict[bytes, str] = {}
    granted: dict[bytes, tuple[tuple[int, int], ...]] = {}
    late: dict[bytes, int] = {}
    for anchor in keys.anchors():  # our own and those people chose come first, and are trusted as long as they stand
        if anchor.trust_list and (anchor.der not in domains or anchor.der in granted):
            granted[anchor.der] = (*granted.get(anchor.der, ()), *anchor.granted)
            late[anchor.der] = max(late.get(anchor.der, 0), anchor.list_until)
        domains.setdefault(anchor.der, str(anchor.domain))
    lists = tuple(keys.crl(name) for name in keys.authority_names())
    return TrustSource(tuple(domains), tuple(keys.issuer_certificates()), lists, domains, granted, late)
