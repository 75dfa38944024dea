"""
A token that another authority made: it counts only if everything about it is right.

Issue of record: clients that read the time out of a reply without checking its signature (CVE-2025-52556), and others
that go on with their own clock when the authority fails.

Source: RFC 3161 §2.4.2, §4; RFC 5816 §2.2; RFC 5652 §5.4, §5.6; RFC 8419; RFC 9882; ETSI EN 319 422 §5, §6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.akp import KINDS
from keys.algorithms import Algorithm
from keys.certificates import certificate_of
from keys.der import SIGNATURE_ALGORITHMS
from keys.tsa.request import DIGEST_BYTES, ImprintOrder
from keys.tsa.response import TimeStampResponse

MAX_TOKEN_BYTES = 64 * 1024
MOST_CERTIFICATES = 10
_HASHES: dict[str, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_WHOLE = (
    (ed25519.Ed25519PublicKey, SIGNATURE_ALGORITHMS[Algorithm.EDDSA]),
    *((kind, SIGNATURE_ALGORITHMS[algorithm]) for algorithm, kind in KINDS.items()),
)
"""Keys that sign a message and not a digest, and the one way to write their algorithm (RFC 8419 §2, RFC 9882 §3.1)."""
_BROKEN = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)


class TokenRefused(Exception):
    """The reply or its token does not count; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class ForeignStamp:
    """token: ContentInfo, DER; gen_time: epoch seconds; unit: certificate of its signer, DER."""

    token: bytes
    gen_time: int
    unit: bytes


def write_request(order: ImprintOrder) -> bytes:
    """The TimeStampReq for an order, DER; certificates are asked for, since nothing is checked without them."""
    imprint = {"hash_algorithm": {"algorithm": order.algorithm}, "hashed_message": order.imprint}
    request = {"version": "v1", "message_imprint": imprint, "nonce": order.nonce, "cert_req": True}
    return bytes(tsp.TimeStampReq(request).dump())


def read_reply(
    der: bytes, order: ImprintOrder, anchors: Sequence[bytes], *, now: int, most_off_seconds: int
) -> ForeignStamp:
    """
    The token in a TimeStampResp. anchors: DER; now: epoch seconds. Raises: TokenRefused.

    1. It was granted and is one SignedData over a TSTInfo.
    2. It is about our digest, with our nonce, at a moment that can be true.
    3. Its one signature, with the attributes that bind content and certificate.
    4. The signer's certificate is for time stamps alone and leads to an anchor.
    """
    if len(der) > MAX_TOKEN_BYTES:
        raise TokenRefused("the reply is too long")
    try:
        reply = TimeStampResponse.load(der, strict=True)
        if reply["status"]["status"].native not in ("granted", "granted_with_mods"):
            raise TokenRefused(f"refused: {reply['status']['fail_info'].native}")
        token = reply["time_stamp_token"]
        if token["content_type"].native != "signed_data":
            raise TokenRefused("not a SignedData")
        signed = token["content"]
        gen_time = _check_info(signed, order, now, most_off_seconds)
        unit, others = _check_signature(signed)
    except _BROKEN as error:
        raise TokenRefused("the reply cannot be read") from error
    _check_unit(unit, others, anchors, gen_time)
    return ForeignStamp(token.dump(), gen_time, unit)


def _check_info(signed: cms.SignedData, order: ImprintOrder, now: int, most_off_seconds: int) -> int:
    content = signed["encap_content_info"]
    if content["content_type"].native != "tst_info":
        raise TokenRefused("not a TSTInfo")
    info = content["content"].parsed
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != order.algorithm or (
        imprint["hashed_message"].native != order.imprint
    ):
        raise TokenRefused("it stamps something else")
    if info["nonce"].native != order.nonce:
        raise TokenRefused("its nonce is not ours")
    gen_time = int(info["gen_time"].native.timestamp())
    if abs(gen_time - now) > most_off_seconds:
        raise TokenRefused(f"its time is {gen_time - now} s from ours")
    return gen_time


def _check_signature(signed: cms.SignedData) -> tuple[bytes, list[bytes]]:
    """The certificate of the signer, and the others that came along."""
    if len(signed["signer_infos"]) != 1:
        raise TokenRefused("one signer was expected")
    signer = signed["signer_infos"][0]
    if len(signed["certificates"]) > MOST_CERTIFICATES:
        raise TokenRefused("too many certificates")
    found = [choice.chosen for choice in signed["certificates"]]
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    digest_name = signer["digest_algorithm"]["algorithm"].native
    if digest_name not in DIGEST_BYTES:
        raise TokenRefused("its digest algorithm is weak or unknown")
    content = signed["encap_content_info"]["content"].contents
    if _one(attributes, "content_type").native != "tst_info" or (
        _one(attributes, "message_digest").native != hashlib.new(digest_name, content).digest()
    ):
        raise TokenRefused("the signed attributes are of another content")
    unit = _named(found, attributes)
    message = bytes(core.SetOf(spec=cms.CMSAttribute, contents=signer["signed_attrs"].contents).dump())
    _verify(unit, signer, message, digest_name)
    return unit, [one.dump() for one in found if one.dump() != unit]


def _one(attributes: dict[str, cms.SetOfContentInfo], name: str) -> core.Asn1Value:
    values = attributes.get(name)
    if values is None or len(values) != 1:
        raise TokenRefused(f"the signed attribute {name} is missing")
    return values[0]


def _named(found: list[cms.Certificate], attributes: dict[str, cms.SetOfContentInfo]) -> bytes:
    """The certificate that the signed attribute binds (ESSCertIDv2); SHA-1 of the older one is not accepted."""
    reference = _one(attributes, "signing_certificate_v2")["certs"][0]
    name = reference["hash_algorithm"]["algorithm"].native
    if name not in DIGEST_BYTES:
        raise TokenRefused("the reference to the certificate is weak")
    for one in found:
        der = bytes(one.dump())
        if hashlib.new(name, der).digest() == reference["cert_hash"].native:
            return der
    raise TokenRefused("the certificate of the signer did not come along")


def _verify(unit: bytes, signer: cms.SignerInfo, message: bytes, digest_name: str) -> None:
    key, signature = _certificate(unit).public_key(), signer["signature"].native
    digest, algorithm = _HASHES[digest_name], signer["signature_algorithm"]
    whole = any(isinstance(key, kind) and algorithm.dump() == written for kind, written in _WHOLE)
    scheme = "" if whole else algorithm.signature_algo
    try:
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048 and scheme == "rsassa_pkcs1v15":
            key.verify(signature, message, padding.PKCS1v15(), digest)
        elif isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048 and scheme == "rsassa_pss":
            key.verify(signature, message, padding.PSS(padding.MGF1(digest), padding.PSS.AUTO), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and scheme == "ecdsa":
            key.verify(signature, message, ec.ECDSA(digest))
        elif whole:
            key.verify(signature, message)  # type: ignore[union-attr, call-arg]  # of the kinds in _WHOLE
        else:
            raise TokenRefused("its algorithm is weak or unknown")
    except TokenRefused:
        raise
    except Exception as error:  # whatever the library says about it, it is no signature
        raise TokenRefused("the signature is not valid") from error


def _check_unit(unit: bytes, others: list[bytes], anchors: Sequence[bytes], gen_time: int) -> None:
    certificate = _certificate(unit)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise TokenRefused("the certificate is not for time stamps") from None
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise TokenRefused("the certificate is not for time stamps alone")
    trusted = [x509.load_der_x509_certificate(der) for der in anchors]
    between = [_certificate(der) for der in others]
    for _ in range(MOST_CERTIFICATES + 1):
        _check_span(certificate, gen_time)
        if any(certificate == anchor or _issued(certificate, anchor) for anchor in trusted):
            return
        above = [one for one in between if one != certificate and _may_issue(one) and _issued(certificate, one)]
        if not above:
            break
        certificate = above[0]
        between.remove(certificate)
    raise TokenRefused("the certificate leads to no anchor")


def _certificate(der: bytes) -> x509.Certificate:
    try:
        return certificate_of(der)
    except ValueError as error:
        raise TokenRefused("a certificate cannot be read") from error


def _check_span(certificate: x509.Certificate, gen_time: int) -> None:
    begin, end = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    if not begin <= gen_time < end:
        raise TokenRefused("a certificate was not valid at that time")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # wrong name, wrong key, a kind of key that cannot be checked
        return False
    return True


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        return constraints.ca and certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return False
