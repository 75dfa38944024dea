"""
Read a CMS SignedData strictly: one signer at a time, DER, every attribute once, nothing left over.

What is not covered by the signature is accepted in one form only, so that no byte of a document can be changed
unnoticed.
Source: RFC 5652 §5; RFC 5035; EN 319 122-1 §4.3, §5; EN 319 142-1 §6.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from asn1crypto import algos, cms, core, tsp

from signing.validation.archive import ARCHIVE_TIME_STAMP, HASH_INDEX
from signing.validation.ber import definite
from signing.validation.cms_parts import SignedParts, open_signed, open_signer, signer_at
from signing.validation.cms_shape import check_shape
from signing.validation.der_check import NotDer, OtherForm, check_der, children, content_of
from signing.validation.signed import EssId, Signed

MOST_BYTES = 1024 * 1024
"""Without the content inside."""
MOST_CONTENT_BYTES = 512 * 1024 * 1024
MOST_CERTIFICATES = 64
MOST_LISTS = 64
_TIME_STAMP = bytes.fromhex("060b2a864886f70d010910020e")
_CONTENT_STAMP = "1.2.840.113549.1.9.16.2.20"
_KNOWN_UNSIGNED = frozenset(
    (
        "1.2.840.113549.1.9.16.2.14",  # signature time stamp
        "1.2.840.113549.1.9.16.2.21",  # complete certificate references
        "1.2.840.113549.1.9.16.2.22",  # complete revocation references
        "1.2.840.113549.1.9.16.2.23",  # certificate values
        "1.2.840.113549.1.9.16.2.24",  # revocation values
        "1.2.840.113549.1.9.16.2.25",  # escTimeStamp
        "1.2.840.113549.1.9.16.2.26",  # certificate and CRL time stamp
        "1.2.840.113549.1.9.16.2.48",  # archive time stamp v2
        "0.4.0.1733.2.4",  # archive time stamp v3
        "0.4.0.19122.1.5",  # ATS hash index v3
        "1.2.840.113583.1.1.8",  # Adobe revocation archival
    )
)
OCSP_RESPONSE = bytes.fromhex("06082b06010505071002")
"""The DER of id-ri-ocsp-response, 1.3.6.1.5.5.7.16.2."""
_COUNTER_SIGNATURE = "1.2.840.113549.1.9.6"
_DATA = bytes.fromhex("06092a864886f70d010701")
_VERSION_1, _VERSION_3, _VERSION_5 = (bytes((2, 1, number)) for number in (1, 3, 5))
_ARCHIVE_DIGEST = "sha256"
"""What our archive time stamps digest with; it may stand in the set without any signer using it."""


class CmsBroken(ValueError):
    """Not a CMS signature that can be read; the message says why (for the operator and the report's details)."""


class CmsOther(CmsBroken):
    """Nothing says that it is damaged, but it is of a kind that is not read; the message names it for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CmsFacts(Signed):
    """
    A signature as its CMS states it; nothing here is verified yet. The message is the DER of the SET OF signed
    attributes, as it is signed.

    content_type:   dotted identifier of what is signed; content: the encapsulated bytes, None if detached.
    signer:         (issuer DER, serial), or None for a key identifier.
    stamps, content_stamps, archives: DER of each time stamp of the signature value, of the content (signed), and over
                    all that is there (archive.py).
    indexed:        whether it carries a hash index, as archive time stamps do.
    """

    content_type: str
    content: bytes | None
    signature_algorithm: str
    signature_parameters: algos.SignedDigestAlgorithm = field(repr=False)
    attribute_content_type: str
    message_digest: bytes
    signer: tuple[bytes, int] | None = field(repr=False)
    key_identifier: bytes | None
    stamps: tuple[bytes, ...] = field(repr=False)
    content_stamps: tuple[bytes, ...] = field(repr=False)
    archives: tuple[bytes, ...] = field(repr=False)
    indexed: bool


def open_cms(der: bytes) -> SignedParts:
    """
    The elements of a strict SignedData.

    Raises: CmsBroken: for every defect, whatever the parser thought of it; CmsOther.
    """
    if not der or len(der) > MOST_CONTENT_BYTES:
        raise CmsBroken(f"{len(der)} bytes")
    try:
        der = definite(der)
        if len(der) > MOST_BYTES and _around(der) > MOST_BYTES:
            raise CmsOther(f"CMS > {MOST_BYTES >> 20} MiB")
        check_der(der)
        check_shape(der)
        return open_signed(der)
    except CmsBroken:
        raise
    except OtherForm as error:
        raise CmsOther(str(error)) from error
    except NotDer as error:
        raise CmsBroken(f"not DER: {error}") from error
    except MemoryError:
        raise
    except (Exception, RecursionError) as error:
        raise CmsBroken(f"{type(error).__name__}: {str(error)[:200]}") from error


def _around(der: bytes) -> int:
    """How many bytes stand around the content, found without reading anything else."""
    content = open_signed(der).content
    return len(der) - (len(content) if content is not None else 0)


def read_cms(der: bytes, path: tuple[int, ...] = ()) -> CmsFacts:
    """
    Read one signature. path: which signer (cms_parts.signer_at); empty where there must be exactly one.

    Raises: CmsBroken: for every defect, whatever the parser thought of it.
    """
    parts = open_cms(der)
    try:
        return _read(parts, path)
    except CmsBroken:
        raise
    except NotDer as error:
        raise CmsBroken(f"not DER: {error}") from error
    except MemoryError:
        raise
    except (Exception, RecursionError) as error:  # asn1crypto raises ValueError, TypeError, KeyError, OSError and more
        raise CmsBroken(f"{type(error).__name__}: {str(error)[:200]}") from error


def _read(parts: SignedParts, path: tuple[int, ...]) -> CmsFacts:
    if not path and len(parts.signers) != 1:
        raise CmsBroken(f"{len(parts.signers)} signers, exactly one is allowed")
    raw = signer_at(parts, path or (0,))
    info = cms.SignerInfo.load(raw, strict=True)
    digest = info["digest_algorithm"]
    by_serial = info["sid"].name == "issuer_and_serial_number"
    _check_versions(parts, raw, by_serial=by_serial)
    _check_digests(parts, digest["algorithm"].native, alone=not path)
    attributes = info["signed_attrs"]
    if not isinstance(attributes, cms.CMSAttributes):
        raise CmsBroken("no signed attributes")  # also closes the confusion of content and attributes
    signed = _attributes_once(attributes)
    _check_protection(signed, info)
    unsigned = info["unsigned_attrs"] if isinstance(info["unsigned_attrs"], cms.CMSAttributes) else ()
    known = _KNOWN_UNSIGNED | {_COUNTER_SIGNATURE} if path else _KNOWN_UNSIGNED
    sid = info["sid"]
    return CmsFacts(
        content_type=core.ObjectIdentifier.load(parts.content_type).dotted,
        content=parts.content,
        digest_algorithm=digest["algorithm"].native,
        signature_algorithm=info["signature_algorithm"]["algorithm"].native,
        signature_parameters=info["signature_algorithm"],
        message=_as_signed(open_signer(raw).signed),
        attribute_content_type=_content_type(signed, counters=len(path) > 1),
        message_digest=_single(signed, "message_digest").native,
        ess=_ess(signed),
        signing_time=_signing_time(signed),
        signature=info["signature"].native,
        certificates=_certificates(parts),
        signer=(sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native) if by_serial else None,
        key_identifier=None if by_serial else sid.chosen.native,
        stamps=_unsigned(raw, _TIME_STAMP),
        content_stamps=_content_stamps(attributes),
        archives=_unsigned(raw, ARCHIVE_TIME_STAMP),
        lists=_lists(parts),
        answers=answers_in(parts.lists),
        other_revocation=sum(one[0] != 0x30 and not answers_in((one,)) for one in parts.lists),
        indexed=bool(_unsigned(raw, HASH_INDEX)),
        unknown_unsigned=tuple(item["type"].dotted for item in unsigned if item["type"].dotted not in known),
    )


def _as_signed(attributes: bytes) -> bytes:
    """The SET OF in DER, that is in order, however it stands in the file (RFC 5652 §5.4; ITU-T X.690 §11.6)."""
    header = len(attributes) - len(content_of(attributes))
    return b"\x31" + attributes[1:header] + b"".join(sorted(one for _tag, one in children(attributes)))


def _check_versions(parts: SignedParts, signer: bytes, *, by_serial: bool) -> None:
    """
    RFC 5652 §5.1, §5.3: what the versions must be for what is inside (an unsigned byte, so it is held to its
    value).
    """
    if open_signer(signer).version != (_VERSION_1 if by_serial else _VERSION_3):
        raise CmsBroken("wrong version of the signer")
    attribute_certificates = any(one[0] != 0x30 for one in parts.certificates)
    if any(one[0] == 0xA1 for one in parts.lists):
        allowed = _VERSION_5
    else:
        plain = parts.content_type == _DATA and all(open_signer(one).version == _VERSION_1 for one in parts.signers)
        allowed = _VERSION_1 if plain else _VERSION_3
    if parts.version != allowed and not attribute_certificates:
        raise CmsBroken("wrong version of the signed data")


def _check_digests(parts: SignedParts, digest: str, *, alone: bool) -> None:
    """The set of digest algorithms holds the signer's, and nothing that nobody uses (RFC 5652 §5.1)."""
    named = [algos.DigestAlgorithm.load(one)["algorithm"].native for one in parts.digest_algorithms]
    if alone:
        if named != [digest]:
            raise CmsBroken("the digest algorithms of the signature and of its signer differ")
        return
    used = {algos.DigestAlgorithm.load(open_signer(one).digest_algorithm)["algorithm"].native for one in parts.signers}
    if not used <= set(named) or not set(named) <= used | {_ARCHIVE_DIGEST} or len(set(named)) != len(named):
        raise CmsBroken("the digest algorithms of the signature and of its signers differ")


def _content_type(signed: dict[str, core.SetOf], *, counters: bool) -> str:
    """What the signed attribute says; a counter-signature must not say anything (RFC 5652 §11.4)."""
    if not counters:
        return str(_single(signed, "content_type").dotted)
    if "content_type" in signed:
        raise CmsBroken("a counter-signature states a content type")
    return ""


def _check_protection(signed: dict[str, core.SetOf], info: cms.SignerInfo) -> None:
    """Where the algorithms are under the signature, they are those in front of it (RFC 6211 §2)."""
    if "cms_algorithm_protection" not in signed:
        return
    protected = children(_single(signed, "cms_algorithm_protection").dump())
    stated = [(0x30, info["digest_algorithm"].dump()), (0xA1, b"\xa1" + info["signature_algorithm"].dump()[1:])]
    if protected != stated:
        raise CmsBroken("the algorithms are not those under the signature")


def _unsigned(signer: bytes, kind: bytes) -> tuple[bytes, ...]:
    """The values of one unsigned attribute, by the DER of its identifier."""
    return tuple(value for found, value in open_signer(signer).unsigned if found == kind)


def _content_stamps(attributes: cms.CMSAttributes) -> tuple[bytes, ...]:
    stamps = (item for item in attributes if item["type"].dotted == _CONTENT_STAMP)
    return tuple(value.dump() for item in stamps for value in item["values"])


def _attributes_once(attributes: cms.CMSAttributes) -> dict[str, core.SetOf]:
    found: dict[str, core.SetOf] = {}
    for item in attributes:
        kind = item["type"].native
        if kind in found:
            raise CmsBroken(f"signed attribute {kind} appears twice")
        found[kind] = item["values"]
    return found


def _single(signed: dict[str, core.SetOf], kind: str) -> core.Asn1Value:
    values = signed.get(kind)
    if values is None or len(values) != 1:
        raise CmsBroken(f"signed attribute {kind} is not there exactly once")
    return values[0]


def _ess(signed: dict[str, core.SetOf]) -> tuple[EssId, ...]:
    """Version 2 if there, else version 1 (SHA-1). Only the first entry names the signing certificate."""
    if "signing_certificate_v2" in signed:
        certificates = _single(signed, "signing_certificate_v2")["certs"]
        return tuple(
            EssId(item["hash_algorithm"]["algorithm"].native, item["cert_hash"].native) for item in certificates
        )
    if "signing_certificate" in signed:
        return tuple(
            EssId("sha1", item["cert_hash"].native) for item in _single(signed, "signing_certificate")["certs"]
        )
    return ()


def _signing_time(signed: dict[str, core.SetOf]) -> int | None:
    if "signing_time" not in signed:
        return None
    return int(_single(signed, "signing_time").native.timestamp())


def _certificates(parts: SignedParts) -> tuple[bytes, ...]:
    if len(parts.certificates) > MOST_CERTIFICATES:
        raise CmsBroken(f"{len(parts.certificates)} certificates, at most {MOST_CERTIFICATES}")
    return tuple(one for one in parts.certificates if one[0] == 0x30)


def _lists(parts: SignedParts) -> tuple[bytes, ...]:
    if len(parts.lists) > MOST_LISTS:
        raise CmsBroken(f"{len(parts.lists)} revocation values, at most {MOST_LISTS}")
    return tuple(one for one in parts.lists if one[0] == 0x30)


def answers_in(values: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The OCSP responses among revocation values, each an OtherRevocationInfoFormat (RFC 5940 §2.1)."""
    others = (children(one) for one in values if one[0] == 0xA1)
    return tuple(parts[1][1] for parts in others if len(parts) == 2 and parts[0][1] == OCSP_RESPONSE)


def read_time_stamp(content: bytes) -> tsp.TSTInfo:
    """The TSTInfo of a token. Raises: CmsBroken."""
    try:
        check_der(content)
        info = tsp.TSTInfo.load(content, strict=True)
        _ = info.native
    except MemoryError:
        raise
    except (Exception, RecursionError) as error:  # as above
        raise CmsBroken(f"time stamp: {type(error).__name__}: {str(error)[:200]}") from error
    return info
