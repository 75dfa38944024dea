"""Our authorities, as `antin ca list` shows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography import x509

from keys.custody import Custody
from keys.store import authorities, certificates, crls, uses
from keys.store import keys as key_rows


@dataclass(frozen=True, slots=True)
class AuthorityFacts:
    """
    One authority. above: the name of the root that certified it, None for a root. Times: epoch seconds.

    signatures: how many its key has made. crl_next_update: of its revocation list. revoked: why; None: it stands.
    """

    name: str
    above: str | None
    subject: str
    algorithm: str
    backend: str
    offline: bool
    handle: str
    certificate_sha256: str
    not_before: int
    not_after: int
    signatures: int
    crl_number: int | None
    crl_next_update: int | None
    ceremony: str | None
    revoked: str | None


def listed(custody: Custody) -> list[AuthorityFacts]:
    """Every authority, a root before what stands under it."""
    found = []
    with custody.base.db.read() as connection:
        for row in authorities.everything(connection):
            key, certificate = key_rows.find(connection, row.handle), certificates.of_handle(connection, row.handle)
            if key is None or certificate is None:
                continue  # foreign keys forbid it
            crl = crls.find(connection, row.handle)
            found.append(
                AuthorityFacts(
                    name=row.name,
                    above=row.above,
                    subject=x509.load_der_x509_certificate(certificate.der).subject.rfc4514_string(),
                    algorithm=str(key.algorithm),
                    backend=key.backend,
                    offline=row.is_offline,
                    handle=row.handle,
                    certificate_sha256=hashlib.sha256(certificate.der).hexdigest(),
                    not_before=certificate.not_before,
                    not_after=certificate.not_after,
                    signatures=_signatures(uses.limits_of(connection, row.handle)),
                    crl_number=crl.number if crl else None,
                    crl_next_update=crl.next_update if crl else None,
                    ceremony=row.ceremony,
                    revoked=certificate.revocation_reason,
                )
            )
    return found


def _signatures(limits: dict[str, int | None] | None) -> int:
    return (limits or {}).get("signatures") or 0
