"""CMS signatures for tests: made by our own format, with keys of any algorithm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import ExtensionSources, Level, Packaging, PrepareRequest, ValidationData
from signing.formats.cades import Cades
from signing.formats.cms_build import write_signed, write_signer
from signing.validation.chains import build_chain
from signing.validation.cms_parts import COUNTER_SIGNATURE, open_signed, open_signer
from signing.validation.effort import Effort
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report
from signing.validation.revocation import is_list_of
from tests.signing_pki import DAY, NOW, City, Holder, shared_city

CONTENT = "Quyết định số 01/QĐ-SNV: bổ nhiệm ông Nguyễn Văn An.".encode()
CADES = Cades()
_ML_DSA = {
    mldsa.MLDSA44PrivateKey: "ML-DSA-44",
    mldsa.MLDSA65PrivateKey: "ML-DSA-65",
    mldsa.MLDSA87PrivateKey: "ML-DSA-87",
}
_DIGESTS = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def sign_message(key: Any, algorithm: str, message: bytes) -> bytes:
    """A signature as the named algorithm makes it."""
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return bytes(key.sign(message))
    digest = _DIGESTS[algorithm[-3:]]
    if isinstance(key, rsa.RSAPrivateKey):
        if algorithm.startswith("PS"):
            return key.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return key.sign(message, padding.PKCS1v15(), digest)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(message, ec.ECDSA(digest))


def usual(key: Any) -> str:
    """What a key signs with where nothing is said."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "EdDSA"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {256: "ES256", 384: "ES384", 521: "ES512"}[key.key_size]
    if isinstance(key, rsa.RSAPrivateKey):
        return "PS256"
    return next(name for kind, name in _ML_DSA.items() if isinstance(key, kind))


def sign(
    document: bytes = CONTENT,
    city: City | None = None,
    holder: Holder | None = None,
    *,
    level: Level = Level.B_T,
    at: int = NOW,
    stamp: Callable[[bytes], bytes] | None = None,
    **wanted: Any,
) -> bytes:
    """Sign with CAdES; `wanted` are further fields of the request."""
    city = city or shared_city()
    holder = holder or city.official
    wanted.setdefault("algorithm", usual(holder.key))
    request = PrepareRequest(holder.der, holder.chain, at, level=level, **wanted)
    prepared = CADES.prepare(document, request)
    signature = sign_message(holder.key, prepared.algorithm, prepared.signed_attributes)
    return CADES.embed(prepared, signature, stamp or (lambda imprint: city.stamp(imprint, at=at)))


def add(document: bytes, holder: Holder, *, beside: Beside = ALONE, **wanted: Any) -> bytes:
    """One more signer beside those that are there."""
    return sign(document, holder=holder, packaging=Packaging.BESIDE, beside=beside, **wanted)


def counter(document: bytes, holder: Holder, target: tuple[int, ...] = (0,), **wanted: Any) -> bytes:
    """A signature over a signature."""
    return sign(document, holder=holder, packaging=Packaging.COUNTER, target=target, **wanted)


def extend(
    document: bytes,
    level: Level,
    *,
    city: City | None = None,
    at: int = NOW + 60,
    beside: Beside = ALONE,
    tsu: Holder | None = None,
    lists: tuple[bytes, ...] = (),
) -> bytes:
    """Extend with lists issued right before, or with those given."""
    city = city or shared_city()
    current = lists or tuple(holder.sign_crl(at - 30, at + 30 * DAY) for holder in (city.root, city.issuing))

    def collect(certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        chain = build_chain(certificate, embedded, (city.issuing.der,), city.anchors, Effort())
        links = tuple(link.der for link in chain.links)
        return ValidationData(links, tuple(one for one in current if is_list_of(one, links)))

    sources = ExtensionSources(lambda imprint: city.stamp(imprint, at=at, tsu=tsu), collect)
    return CADES.extend(document, level, sources, beside).content


def verify(
    document: bytes,
    *,
    beside: Beside = ALONE,
    city: City | None = None,
    moment: int = NOW + 60,
    lists: tuple[bytes, ...] | None = None,
) -> Report:
    """Against the city's own roots, and its lists or those given."""
    city = city or shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls) if lists is None else lists)
    return verify_document(document, moment=moment, own=own, beside=beside)


def signer_infos(document: bytes) -> list[cms.SignerInfo]:
    return list(cms.ContentInfo.load(document)["content"]["signer_infos"])


def value_of(document: bytes, name: str) -> bytes:
    """The signature value of the signer whose certificate has that common name."""
    for one in cms.ContentInfo.load(document)["content"]["certificates"]:
        if one.chosen.subject.native["common_name"] == name:
            serial = one.chosen.serial_number
    found = [info for info in signer_infos(document) if info["sid"].chosen["serial_number"].native == serial]
    return bytes(found[0]["signature"].native)


def transplant(source: bytes, target: bytes) -> bytes:
    """`target` with the unsigned attributes and the certificates of `source`."""
    taken = open_signer(open_signed(source).signers[0]).unsigned
    parts = open_signed(target)
    signer = open_signer(parts.signers[0])
    mixed = tuple(pair for pair in taken if pair[0] == COUNTER_SIGNATURE) or taken
    kept = tuple(pair for pair in signer.unsigned if pair[0] != mixed[0][0])
    signers = (write_signer(replace(signer, unsigned=(*kept, *mixed))),)
    certificates = tuple(dict.fromkeys((*parts.certificates, *open_signed(source).certificates)))
    return write_signed(replace(parts, signers=signers, certificates=certificates))
