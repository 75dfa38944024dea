"""
The signed attributes of CAdES: what a signer states, each in its standard form.

Source: EN 319 122-1 §5.1, §5.2, §6.3 (baseline B-B: content-type, message-digest, signing-certificate-v2, signing-time;
content-hints or mime-type for what the content is); RFC 5652 §11; RFC 5035 §3; RFC 6211. Tags as in Annex D: explicit.
"""

from __future__ import annotations

from asn1crypto import core

from base.clock import as_utc
from signing.formats.base import PrepareRequest, SignaturePolicy, Statements
from signing.formats.cms_writer import signing_certificate
from signing.formats.der import octets, oid, sequence, set_of, tlv
from signing.formats.refusals import stamped
from signing.formats.signature_algorithms import DIGEST_IDENTIFIERS, SignatureAlgorithm

DATA = oid("1.2.840.113549.1.7.1")
_CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = oid("1.2.840.113549.1.9.5")
_ALGORITHM_PROTECTION = oid("1.2.840.113549.1.9.52")
_MIME_TYPE = oid("0.4.0.1733.2.1")
_CONTENT_HINTS = oid("1.2.840.113549.1.9.16.2.4")
_POLICY = oid("1.2.840.113549.1.9.16.2.15")
_POLICY_ADDRESS = oid("1.2.840.113549.1.9.16.5.1")
_COMMITMENT = oid("1.2.840.113549.1.9.16.2.16")
_LOCATION = oid("1.2.840.113549.1.9.16.2.17")
_CONTENT_STAMP = oid("1.2.840.113549.1.9.16.2.20")
_SIGNER_ATTRIBUTES_V2 = oid("0.4.0.19122.1.1")
_TITLE = oid("2.5.4.12")
_YEAR_2050 = 2_524_608_000


def attribute(kind: bytes, *values: bytes) -> bytes:
    """An Attribute with its values in DER order."""
    return sequence(kind, set_of(values))


def signed_attributes(digest: bytes, sha256: bytes | None, request: PrepareRequest, signs: SignatureAlgorithm) -> bytes:
    """
    DER of the SET OF signed attributes.

    digest: of the content with the hash of the algorithm. sha256: that of the content for a content time stamp, or None
            for a counter-signature, which says nothing about the type of what it signs (RFC 5652 §11.4).
    Raises: what the timestamper of the statements raises; SignatureRefused: no stamp came.
    """
    found = [
        attribute(_MESSAGE_DIGEST, octets(digest)),
        attribute(_SIGNING_TIME, _time(request.signing_time)),
        signing_certificate(request.certificate, signs.digest),
        attribute(_ALGORITHM_PROTECTION, _protection(signs)),
    ]
    if sha256 is not None:
        found.append(attribute(_CONTENT_TYPE, DATA))
        found += _about_content(request.statements, sha256)
    return set_of((*found, *_about_signer(request.statements)))


def _about_content(statements: Statements, sha256: bytes) -> list[bytes]:
    found = []
    if statements.media_type:
        words = _utf8(statements.media_type)
        found += [attribute(_MIME_TYPE, words), attribute(_CONTENT_HINTS, sequence(words, DATA))]
    if statements.stamp_content is not None:
        found.append(attribute(_CONTENT_STAMP, stamped(statements.stamp_content, sha256)))
    return found


def _about_signer(statements: Statements) -> list[bytes]:
    found = []
    if statements.commitment:
        found.append(attribute(_COMMITMENT, sequence(oid(statements.commitment))))
    if statements.policy is not None:
        found.append(attribute(_POLICY, _policy(statements.policy)))
    places = [tlv(tag, _utf8(name)) for tag, name in ((0xA0, statements.country), (0xA1, statements.locality)) if name]
    if places:
        found.append(attribute(_LOCATION, sequence(*places)))
    if statements.role:
        claimed = sequence(attribute(_TITLE, _utf8(statements.role)))
        found.append(attribute(_SIGNER_ATTRIBUTES_V2, sequence(tlv(0xA0, claimed))))
    return found


def _time(moment: int) -> bytes:
    """RFC 5652 §11.3: UTCTime until 2049, then GeneralizedTime."""
    kind = core.UTCTime if moment < _YEAR_2050 else core.GeneralizedTime
    return bytes(kind(as_utc(moment)).dump())


def _protection(signs: SignatureAlgorithm) -> bytes:
    """Both algorithms under the signature, so that neither can be exchanged (RFC 6211 §2)."""
    return sequence(signs.digest_identifier, b"\xa1" + signs.identifier[1:])


def _policy(policy: SignaturePolicy) -> bytes:
    hashed = sequence(DIGEST_IDENTIFIERS["sha256"], octets(policy.sha256))
    where = sequence(_POLICY_ADDRESS, tlv(0x16, policy.address.encode("ascii")))
    return sequence(oid(policy.identifier), hashed, *([sequence(where)] if policy.address else []))


def _utf8(words: str) -> bytes:
    return tlv(0x0C, words.encode())
