"""
OCSP answers: what an authority, or whoever it has made its responder, says about one certificate.

An answer counts only if it is whole and successful, its signature is the issuer's own or that of a responder which the
same issuer has certified for this, that responder was valid and not revoked when it answered, and the answer names
exactly this certificate of this issuer. Everything else says nothing, never "good".
Source: RFC 6960 §2.2, §3.2, §4.2; RFC 5019 §2.2; RFC 9654 (nonce); EN 319 102-1 §5.2.6.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from asn1crypto import algos, core, ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.validation.certificates import CertificateFacts, facts_of, is_issued_by, load
from signing.validation.crypto import ML_DSA, SignatureWrong, verify_value
from signing.validation.der_check import check_der
from signing.validation.revocation import RevocationFacts, Status, revocation_of
from signing.validation.signed import Scheme

MOST_BYTES = 64 * 1024
MOST_SINGLES = 64
WITHOUT_END_SECONDS = 86_400
"""How long an answer that names no next one is current."""
SLACK_SECONDS = 300
_HASHES = ("sha1", "sha256", "sha384", "sha512")
_NONCE = "nonce"
_NAMED_WITH = "sha1"
E = TypeVar("E", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Single:
    """About one certificate of this issuer. at: when it was revoked, None: it was not. Epoch seconds."""

    serial: int
    at: int | None
    reason: str
    this_update: int
    next_update: int


@dataclass(frozen=True, slots=True)
class Answer:
    """responder: DER of the certificate whose key signed, the issuer's own or a delegate's. nonce: empty if none."""

    responder: bytes = field(repr=False)
    is_delegate: bool
    without_check: bool
    produced_at: int
    signed_with: str
    nonce: bytes
    singles: tuple[Single, ...]


def starts_answer(der: bytes) -> bool:
    """Whether it looks like an OCSPResponse rather than a revocation list: its first element is an ENUMERATED."""
    head = der[:8]
    inside = 2 + (head[1] & 0x7F if head[1:2] > b"\x80" else 0) if len(head) > 2 else 8
    return head[:1] == b"\x30" and head[inside : inside + 1] == b"\x0a"


def is_answer_of(der: bytes, issuers: Iterable[bytes]) -> bool:
    """Whether one of these certificates (DER) answers in it, itself or by a delegate."""
    return any(read_answer(der, issuer) is not None for issuer in issuers)


def said_by_answers(
    position: int, certificate: CertificateFacts, issuer: CertificateFacts, data: Iterable[bytes]
) -> Iterator[RevocationFacts]:
    """What each usable answer says of a certificate. data: answers, and the lists that speak about responders."""
    data = tuple(data)
    for der in data:
        answer = read_answer(der, issuer.der) if starts_answer(der) else None
        if answer is None or not _responder_stands(answer, issuer, data):
            continue
        for one in answer.singles:
            if one.serial == int(certificate.serial, 16):
                yield RevocationFacts(
                    position,
                    Status.GOOD if one.at is None else Status.REVOKED,
                    at=one.at,
                    reason=one.reason,
                    this_update=one.this_update,
                    next_update=one.next_update,
                    list_sha256=hashlib.sha256(der).hexdigest(),
                    source=der,
                    signed_with=answer.signed_with,
                )


def request_for(certificate: bytes, issuer: bytes, nonce: bytes) -> bytes:
    """The question about one certificate, DER. SHA-1 names it here, as every responder knows it (RFC 5019 §2.1.1)."""
    above = asn1_x509.Certificate.load(issuer)
    name = {
        "hash_algorithm": {"algorithm": _NAMED_WITH},
        "issuer_name_hash": hashlib.new(_NAMED_WITH, above.subject.dump()).digest(),
        "issuer_key_hash": _key_hash(above, _NAMED_WITH),
        "serial_number": load(certificate).serial_number,
    }
    extension = {"extn_id": "nonce", "critical": False, "extn_value": core.OctetString(nonce)}
    asked = {"request_list": [{"req_cert": name}], "request_extensions": [extension]}
    return bytes(ocsp.OCSPRequest({"tbs_request": asked}).dump())


def answers_question(request: bytes, answer: bytes) -> bool:
    """Whether an answer repeats the nonce of a question; many responders leave it out, none may have another."""
    try:
        asked = ocsp.OCSPRequest.load(request).nonce_value
        told = ocsp.OCSPResponse.load(answer).nonce_value
        return told is None or bool(asked is not None and asked.native == told.native)
    except MemoryError:
        raise
    except (Exception, RecursionError):  # as below
        return False


def _responder_stands(answer: Answer, issuer: CertificateFacts, data: tuple[bytes, ...]) -> bool:
    """
    RFC 6960 §4.2.2.2.1: a delegate's certificate says that nobody need ask about it, or a list shows that it stands;
    one that a list revokes counts for nothing in either case.
    """
    if not answer.is_delegate:
        return True
    (state,) = revocation_of((facts_of(answer.responder), issuer), data)
    if state.status is Status.REVOKED:
        return False
    return answer.without_check or (state.status is Status.GOOD and state.is_fresh(answer.produced_at))


@lru_cache(maxsize=512)
def read_answer(der: bytes, issuer: bytes) -> Answer | None:
    """An answer for certificates of this issuer; None: it is none, or nobody who may has signed it."""
    if len(der) > MOST_BYTES or not starts_answer(der):
        return None
    try:
        check_der(der)
        whole = ocsp.OCSPResponse.load(der, strict=True)
        if whole["response_status"].native != "successful":
            return None
        if whole["response_bytes"]["response_type"].native != "basic_ocsp_response":
            return None
        raw = bytes(whole["response_bytes"]["response"])
        check_der(raw)
        return _basic(ocsp.BasicOCSPResponse.load(raw, strict=True), issuer)
    except MemoryError:
        raise
    except (Exception, RecursionError):  # the parser raises almost anything; what cannot be read in full says nothing
        return None


def _basic(basic: ocsp.BasicOCSPResponse, issuer: bytes) -> Answer | None:
    tbs = basic["tbs_response_data"]
    embedded = [one.dump() for one in basic["certs"]] if basic["certs"] else []
    responder = next((one for one in (issuer, *embedded) if _is_named(one, tbs["responder_id"])), None)
    if responder is None or not all(one == issuer or is_issued_by(one, issuer) for one in embedded):
        return None
    produced_at = _seconds(tbs["produced_at"])
    if responder != issuer and not _may_answer(responder, issuer, produced_at):
        return None
    scheme = _scheme_of(basic["signature_algorithm"])
    verify_value(scheme, tbs.dump(), basic["signature"].native, responder)
    nonce = _known_extensions(tbs["response_extensions"])
    singles = [found for one in list(tbs["responses"])[:MOST_SINGLES] if (found := _single(one, issuer)) is not None]
    return Answer(
        responder=responder,
        is_delegate=responder != issuer,
        without_check=_extension(load(responder), x509.OCSPNoCheck) is not None,
        produced_at=produced_at,
        signed_with=scheme.digest,
        nonce=nonce,
        singles=tuple(singles),
    )


def _is_named(certificate: bytes, responder: ocsp.ResponderId) -> bool:
    parsed = asn1_x509.Certificate.load(certificate)
    if responder.name == "by_name":
        return bool(responder.chosen.untag().dump() == parsed.subject.dump())
    return bool(responder.chosen.native == _key_hash(parsed, "sha1"))


def _may_answer(delegate: bytes, issuer: bytes, produced_at: int) -> bool:
    """The issuer itself has certified it, for answering, and it was valid then (RFC 6960 §4.2.2.2)."""
    found = load(delegate)
    purposes, usage = _extension(found, x509.ExtendedKeyUsage), _extension(found, x509.KeyUsage)
    named = purposes is not None and ExtendedKeyUsageOID.OCSP_SIGNING in purposes
    signs = usage is None or usage.digital_signature
    return named and signs and is_issued_by(delegate, issuer) and facts_of(delegate).holds_at(produced_at)


def _scheme_of(algorithm: algos.SignedDigestAlgorithm) -> Scheme:
    identifier = algorithm["algorithm"].dotted
    if identifier in ML_DSA:
        return Scheme(identifier)
    name = algorithm.signature_algo
    if name in ("ed25519", "ed448"):
        return Scheme(name)
    if name not in ("ecdsa", "rsassa_pkcs1v15", "rsassa_pss"):
        raise SignatureWrong(name)
    return Scheme(name, algorithm.hash_algo, algorithm["parameters"]["salt_length"].native if "pss" in name else 0)


def _known_extensions(extensions: ocsp.ResponseDataExtensions) -> bytes:
    """The nonce. Raises: ValueError: something critical that we do not know."""
    nonce = b""
    for one in extensions or ():
        if one["extn_id"].native == _NONCE:
            nonce = bytes(one["extn_value"].parsed.native)
        elif one["critical"].native:
            raise ValueError("critical extension")
    return nonce


def _single(one: ocsp.SingleResponse, issuer: bytes) -> Single | None:
    """What it says, if it is about a certificate of this issuer and says anything."""
    named = one["cert_id"]
    algorithm, above = named["hash_algorithm"]["algorithm"].native, asn1_x509.Certificate.load(issuer)
    if algorithm not in _HASHES or any(extension["critical"].native for extension in one["single_extensions"] or ()):
        return None
    hashes = (hashlib.new(algorithm, above.subject.dump()).digest(), _key_hash(above, algorithm))
    if (named["issuer_name_hash"].native, named["issuer_key_hash"].native) != hashes:
        return None
    status, this_update = one["cert_status"], _seconds(one["this_update"])
    end = _seconds(one["next_update"]) if one["next_update"].native else this_update + WITHOUT_END_SECONDS
    if status.name == "unknown" or end < this_update:
        return None
    if status.name == "good":
        return Single(named["serial_number"].native, None, "", this_update, end)
    revoked = status.chosen
    at, reason = _seconds(revoked["revocation_time"]), _reason(revoked)
    return Single(named["serial_number"].native, at, reason, this_update, end)


_REASONS = {"certificate_hold": "certificateHold", "key_compromise": "keyCompromise", "ca_compromise": "cACompromise"}


def _reason(revoked: ocsp.RevokedInfo) -> str:
    """The RFC 5280 word; those that nothing depends on as the parser has them."""
    word = revoked["revocation_reason"].native or "unspecified"
    return _REASONS.get(word, word)


def _key_hash(certificate: asn1_x509.Certificate, algorithm: str) -> bytes:
    return hashlib.new(algorithm, bytes(certificate.public_key["public_key"])).digest()


def _seconds(time: object) -> int:
    return int(time.native.timestamp())  # type: ignore[attr-defined]  # an asn1crypto GeneralizedTime


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
