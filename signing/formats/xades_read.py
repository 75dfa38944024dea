"""
One XML signature read into what every format states (signing/validation/signed.py).

Nothing is verified here but what only XML knows: that the properties which are read are the very node that the typed
reference leads to, and that they are about this signature.
Source: EN 319 132-1 §4.4.2 (the reference to the signed properties), §5.1.1 (Target); XMLDSig 1.1 §3.2, §4.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing.formats.xades_parts import Parts, decoded
from signing.formats.xades_references import Resolved, prefixes_of
from signing.formats.xades_stamps import (
    ARCHIVE_STAMP,
    EACH_STAMP,
    SIGNATURE_STAMP,
    Over,
    covered_by,
    over_all,
    over_content,
    over_named,
    over_value,
    stamps_of,
)
from signing.formats.xades_values import (
    JUDGED,
    UNJUDGED,
    Brought,
    Stated,
    brought_by_signature,
    claimed_beside,
    stated_by,
)
from signing.formats.xml_algorithms import SCHEMES, as_der
from signing.formats.xml_document import XmlBroken, XmlDocument, XmlOther
from signing.formats.xml_words import local
from signing.validation.certificates import CertificateUnreadable, facts_of, load
from signing.validation.signed import OwnSigned, StampInput

XADES_PROFILE, PLAIN_PROFILE = "XAdES", "XMLDSig"


@dataclass(frozen=True, slots=True)
class Read:
    """unjudged: names of unsigned things that are known, but that nobody looks at."""

    own: OwnSigned = field(repr=False)
    profile: str
    place: str = ""
    unjudged: tuple[str, ...] = ()


def read_signature(
    document: XmlDocument, parts: Parts, resolved: Sequence[Resolved], around: Brought | None = None
) -> Read:
    """
    around: what the signature above a counter-signature brought, for both share it.

    Raises: XmlBroken: for every defect.
    """
    _check_properties(parts, resolved)
    stated, brought = stated_by(parts), brought_by_signature(parts)
    data = [one for one in resolved if not one.properties]
    if not data:
        raise XmlBroken("nothing but the properties is signed")
    method = parts.signed_info[0]
    message = document.canonical(parts.signed_info, method.get("Algorithm", ""), prefixes_of(method))
    name = _signature_method(parts)
    scheme = SCHEMES.get(name)
    certificates = brought.certificates
    leaf = None if stated.ess else _leaf(certificates)
    value = decoded(parts.value)
    used = [one.fact.algorithm for one in (*data, *resolved)] + ([scheme.digest] if scheme and scheme.digest else [])
    own = OwnSigned(
        digest_algorithm=data[0].fact.algorithm,
        further_digests=tuple(dict.fromkeys(one for one in used if one != data[0].fact.algorithm)),
        ess=stated.ess,
        signing_time=stated.signing_time if parts.signed is not None else claimed_beside(parts, resolved),
        message=message,
        signature=_as_library_has_it(value, certificates) if scheme and scheme.name == "ecdsa" else value,
        certificates=certificates,
        lists=tuple(dict.fromkeys((*brought.lists, *(around.lists if around else ())))),
        answers=brought.answers,
        other_revocation=brought.other,
        unknown_unsigned=_unknown(parts, stated),
        scheme=scheme,
        scheme_name=name[:80],
        references=tuple(one.fact for one in resolved),
        signer=leaf,
        stamps=_stamps(document, parts),
        content_stamps=_content_stamps(document, parts, resolved, stated),
        archives=_archives(document, parts, resolved),
    )
    unjudged = tuple(local(one.tag) for one in parts.unsigned if one.tag in UNJUDGED)
    return Read(own, XADES_PROFILE if parts.signed is not None else PLAIN_PROFILE, stated.place, unjudged)


def _check_properties(parts: Parts, resolved: Sequence[Resolved]) -> None:
    """The properties that are read are those that are signed, by one reference of that type and no other."""
    typed = [one for one in resolved if one.properties]
    if parts.signed is None:
        if typed:
            raise XmlBroken("signed properties that are not where they belong")
        return
    if len(typed) != 1 or typed[0].in_manifest or typed[0].whole or typed[0].enveloped:
        raise XmlBroken(f"{len(typed)} references to the signed properties")
    if typed[0].node is not parts.signed:
        raise XmlBroken("the signed properties are not those that the reference leads to")
    identifier = parts.signature.get("Id")
    if not identifier or parts.qualifying is None or parts.qualifying.get("Target") != f"#{identifier}":
        raise XmlBroken("the signed properties are about another signature")


def _signature_method(parts: Parts) -> str:
    method = parts.signed_info[1]
    name = str(method.get("Algorithm", ""))
    if "hmac" in name.lower():
        raise XmlOther("HMAC")  # everybody who can verify a keyed hash can make one
    if len(method):
        raise XmlOther(f"{name[:80]} {local(str(method[0].tag))}")
    return name


def _leaf(certificates: Sequence[bytes]) -> bytes | None:
    """Of a plain signature that names none: the first certificate that stands above no other one."""
    readable = []
    for der in certificates:
        with contextlib.suppress(CertificateUnreadable):
            facts_of(der)
            readable.append(load(der))
    above = {one.issuer for one in readable if one.issuer != one.subject}
    found = [one for one in readable if one.subject not in above] or readable
    return found[0].public_bytes(Encoding.DER) if found else None


def _as_library_has_it(value: bytes, certificates: Sequence[bytes]) -> bytes:
    """
    An ECDSA value in DER. Its length must be that of a curve that a certificate at hand is on; without any it stays as
    it is, for nobody can verify it.

    Raises: XmlBroken: it is not, or r and s are no numbers that a curve has.
    """
    if not certificates:
        return value
    for half in {(_bits(der) + 7) // 8 for der in certificates} - {0}:
        if len(value) == 2 * half:
            return as_der(value, half)
    raise XmlBroken(f"an ECDSA value of {len(value)} bytes")


def _bits(der: bytes) -> int:
    try:
        key = load(der).public_key()
    except CertificateUnreadable:
        return 0
    return key.curve.key_size if isinstance(key, ec.EllipticCurvePublicKey) else 0


def _unknown(parts: Parts, stated: Stated) -> tuple[str, ...]:
    found = [local(one.tag) for one in parts.unsigned if one.tag not in JUDGED and one.tag not in UNJUDGED]
    return (*found, *parts.strange)


def _stamps(document: XmlDocument, parts: Parts) -> tuple[StampInput, ...]:
    over = over_value(document, parts)
    found = (stamps_of(one, over) for one in parts.unsigned if one.tag == SIGNATURE_STAMP)
    return tuple(stamp for group in found for stamp in group)


def _content_stamps(
    document: XmlDocument, parts: Parts, resolved: Sequence[Resolved], stated: Stated
) -> tuple[StampInput, ...]:
    def over(element: Any) -> Over:
        if element.tag == EACH_STAMP:
            return over_named(document, parts, resolved, element)
        return over_content(document, parts, resolved)

    return tuple(stamp for one in stated.content_stamps for stamp in stamps_of(one, over(one)))


def _archives(document: XmlDocument, parts: Parts, resolved: Sequence[Resolved]) -> tuple[StampInput, ...]:
    found: list[StampInput] = []
    for position, one in enumerate(parts.unsigned):
        if one.tag == ARCHIVE_STAMP:
            before: tuple[Any, ...] = parts.unsigned[:position]
            found += stamps_of(one, over_all(document, parts, resolved, before), covered_by(parts, before))
    return tuple(found)
