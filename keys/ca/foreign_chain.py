"""
The path from a foreign certificate to a trust anchor that was given with it. Pure.

Source: RFC 5280 §6.1 (signatures, times, basicConstraints, keyUsage, path length); critical extensions unknown: §4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtensionOID, NameOID

from keys.ca.lints.base import extension_of
from keys.errors import KeyRefused
from keys.weaknesses import weakness_of

LONGEST_PATH = 6
_READ = frozenset({ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE})
_HARMLESS = frozenset({ExtensionOID.CERTIFICATE_POLICIES})


def chain_to_anchor(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    *,
    at: datetime,
) -> list[x509.Certificate]:
    """
    The certificates above `leaf`, nearest first, the anchor last.

    Raises: KeyRefused("import_refused"): there is no path, it is too long, or something on it does not hold then.
    """
    _check(leaf, at)
    path: list[x509.Certificate] = []
    below = leaf
    while len(path) < LONGEST_PATH:
        issuer = _issuer_of(below, anchors, at, len(path))
        if issuer is not None:
            return [*path, issuer]
        issuer = _issuer_of(below, [one for one in between if one not in path], at, len(path))
        if issuer is None:
            raise _refused("no path leads to an anchor that was given")
        path.append(issuer)
        below = issuer
    raise _refused("the path is too long")


def usable_profile(leaf: x509.Certificate) -> str:
    """
    "person" or "legal-person", by the identifier in the subject.

    Raises: KeyRefused("import_refused"): an authority's, or its usages do not allow signatures on documents.
    """
    constraints, usage = extension_of(leaf, x509.BasicConstraints), extension_of(leaf, x509.KeyUsage)
    if constraints is not None and constraints.value.ca:
        raise _refused("it is that of an authority")
    if usage is None or not (usage.value.digital_signature or usage.value.content_commitment):
        raise _refused("its key usage does not allow signatures")
    is_legal = bool(leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER))
    named = leaf.subject.get_attributes_for_oid(NameOID.GIVEN_NAME) or leaf.subject.get_attributes_for_oid(
        NameOID.SURNAME
    )
    return "legal-person" if is_legal and not named else "person"


def _issuer_of(
    below: x509.Certificate, candidates: Sequence[x509.Certificate], at: datetime, depth: int
) -> x509.Certificate | None:
    for one in candidates:
        if one.subject != below.issuer:
            continue
        try:
            below.verify_directly_issued_by(one)
        except (ValueError, TypeError, InvalidSignature):
            continue
        _check(one, at)
        _check_authority(one, depth)
        return one
    return None


def _check(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise _refused("a certificate on the path is out of its time")
    if reason := weakness_of(certificate.public_key()):
        raise _refused(f"a certificate on the path has a weak key: {reason}")
    critical = {one.oid for one in certificate.extensions if one.critical}
    if critical - _READ - _HARMLESS:
        raise _refused("a certificate on the path has a critical extension that is not understood")


def _check_authority(certificate: x509.Certificate, depth: int) -> None:
    constraints, usage = extension_of(certificate, x509.BasicConstraints), extension_of(certificate, x509.KeyUsage)
    if constraints is None or not constraints.value.ca:
        raise _refused("a certificate on the path is that of no authority")
    if constraints.value.path_length is not None and depth > constraints.value.path_length:
        raise _refused("the path is longer than an authority on it allows")
    if usage is not None and not usage.value.key_cert_sign:
        raise _refused("an authority on the path may not issue certificates")


def _refused(debug: str) -> KeyRefused:
    return KeyRefused(
        "import_refused",
        vi="Chứng thư số này không nhận vào được.",
        en="This certificate cannot be taken in.",
        hint=debug,
        status=422,
    )
