"""
Read a CMS SignedData strictly: one signer, DER, every attribute once, nothing left over.

What is not covered by the signature is accepted in one form only, so that no byte of a document can be changed
unnoticed.
Source: RFC 5652 §5; RFC 5035; EN 319 122-1 §4.3, §5; EN 319 142-1 §6.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from asn1crypto import algos, cms, core, tsp

from signing.validation.cms_shape import check_shape
from signing.validation.der_check import NotDer, check_der

MOST_BYTES = 1024 * 1024
MOST_CERTIFICATES = 64
TIME_STAMP = "1.2.840.113549.1.9.16.2.14"
_KNOWN_UNSIGNED = frozenset(
    (
        TIME_STAMP,
        "1.2.840.113549.1.9.16.2.21",  # complete certificate references
        "1.2.840.113549.1.9.16.2.22",  # complete revocation references
        "1.2.840.113549.1.9.16.2.23",  # certificate values
        "1.2.840.113549.1.9.16.2.24",  # revocation values
        "1.2.840.113549.1.9.16.2.25",  # escTimeStamp
        "1.2.840.113549.1.9.16.2.26",  # certificate and CRL time stamp
        "1.2.840.113549.1.9.16.2.48",  # archive time stamp v2
        "0.4.0.1733.2.4",  # archive time stamp v3
        "0.4.0.1733.2.5",  # ATS hash index
        "1.2.840.113583.1.1.8",  # Adobe revocation archival
    )
)


class CmsBroken(ValueError):
    """Not a CMS signature that can be read; the message says why (for the operator and the report's details)."""


@dataclass(frozen=True, slots=True)
class EssId:
    """One ESSCertID: the digest algorithm and the digest of the signing certificate it names."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class CmsFacts:
    """
    A signature as its CMS states it; nothing here is verified yet.

    content_type:   dotted identifier of what is signed; content: the encapsulated bytes, None if detached.
    attributes:     DER of the SET OF signed attributes, as it is signed; empty if there are none.
    certificates:   DER of each embedded certificate. signer: (issuer DER, serial), or None for a key identifier.
    ess:            what signing-certificate(-v2) names. stamps: DER of each signature time stamp.
    """

    content_type: str
    content: bytes | None
    digest_algorithm: str
    signature_algorithm: str
    signature_parameters: algos.SignedDigestAlgorithm = field(repr=False)
    attributes: bytes = field(repr=False)
    attribute_content_type: str
    message_digest: bytes
    ess: tuple[EssId, ...]
    signing_time: int | None
    signature: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    signer: tuple[bytes, int] | None = field(repr=False)
    key_identifier: bytes | None
    stamps: tuple[bytes, ...] = field(repr=False)
    unknown_unsigned: tuple[str, ...]


def read_cms(der: bytes) -> CmsFacts:
    """Read one signature. Raises: CmsBroken: for every defect, whatever the parser thought of it."""
    if not der or len(der) > MOST_BYTES:
        raise CmsBroken(f"{len(der)} bytes")
    try:
        check_der(der)
        check_shape(der)
        return _read(der)
    except CmsBroken:
        raise
    except NotDer as error:
        raise CmsBroken(f"not DER: {error}") from error
    except (Exception, RecursionError) as error:  # asn1crypto raises ValueError, TypeError, KeyError, OSError and more
        raise CmsBroken(f"{type(error).__name__}: {str(error)[:200]}") from error


def _read(der: bytes) -> CmsFacts:
    outer = cms.ContentInfo.load(der, strict=True)
    if outer["content_type"].native != "signed_data":
        raise CmsBroken("not signed data")
    data = outer["content"]
    if len(data["signer_infos"]) != 1:
        raise CmsBroken(f"{len(data['signer_infos'])} signers, exactly one is allowed")
    info = data["signer_infos"][0]
    _check_versions(data, info)
    digest = info["digest_algorithm"]
    if [item["algorithm"].dotted for item in data["digest_algorithms"]] != [digest["algorithm"].dotted]:
        raise CmsBroken("the digest algorithms of the signature and of its signer differ")
    attributes = info["signed_attrs"]
    if not isinstance(attributes, cms.CMSAttributes):
        raise CmsBroken("no signed attributes")  # also closes the confusion of content and attributes
    signed = _attributes_once(attributes)
    unsigned = info["unsigned_attrs"] if isinstance(info["unsigned_attrs"], cms.CMSAttributes) else ()
    content = data["encap_content_info"]
    sid = info["sid"]
    by_serial = sid.name == "issuer_and_serial_number"
    return CmsFacts(
        content_type=content["content_type"].dotted,
        content=_content(content["content"]),
        digest_algorithm=digest["algorithm"].native,
        signature_algorithm=info["signature_algorithm"]["algorithm"].native,
        signature_parameters=info["signature_algorithm"],
        attributes=b"\x31" + attributes.dump()[1:],
        attribute_content_type=_single(signed, "content_type").dotted,
        message_digest=_single(signed, "message_digest").native,
        ess=_ess(signed),
        signing_time=_signing_time(signed),
        signature=info["signature"].native,
        certificates=_certificates(data),
        signer=(sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native) if by_serial else None,
        key_identifier=None if by_serial else sid.chosen.native,
        stamps=tuple(
            value.dump() for item in unsigned if item["type"].dotted == TIME_STAMP for value in item["values"]
        ),
        unknown_unsigned=tuple(item["type"].dotted for item in unsigned if item["type"].dotted not in _KNOWN_UNSIGNED),
    )


def _check_versions(data: cms.SignedData, info: cms.SignerInfo) -> None:
    """
    RFC 5652 §5.1, §5.3: what the versions must be for what is inside (an unsigned byte, so it is held to its
    value).
    """
    by_serial = info["sid"].name == "issuer_and_serial_number"
    if info["version"].native != ("v1" if by_serial else "v3"):
        raise CmsBroken("wrong version of the signer")
    plain = data["encap_content_info"]["content_type"].native == "data" and by_serial
    allowed = ("v1",) if plain else ("v3",)
    attribute_certificates = any(choice.name != "certificate" for choice in data["certificates"] or ())
    if data["version"].native not in allowed and not attribute_certificates:
        raise CmsBroken("wrong version of the signed data")


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


def _content(content: core.Asn1Value) -> bytes | None:
    if isinstance(content, core.Void) or content is None:
        return None
    return bytes(content.contents) if isinstance(content, core.ParsableOctetString) else bytes(content.native)


def _certificates(data: cms.SignedData) -> tuple[bytes, ...]:
    choices = data["certificates"]
    if isinstance(choices, core.Void) or choices is None:
        return ()
    if len(choices) > MOST_CERTIFICATES:
        raise CmsBroken(f"{len(choices)} certificates, at most {MOST_CERTIFICATES}")
    return tuple(choice.chosen.dump() for choice in choices if choice.name == "certificate")


def read_time_stamp(content: bytes) -> tsp.TSTInfo:
    """The TSTInfo of a token. Raises: CmsBroken."""
    try:
        check_der(content)
        info = tsp.TSTInfo.load(content, strict=True)
        _ = info.native
    except (Exception, RecursionError) as error:  # as above
        raise CmsBroken(f"time stamp: {type(error).__name__}: {str(error)[:200]}") from error
    return info
