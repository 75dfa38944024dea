"""Requests taken apart and answers put together, against another implementation's builder and reader."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from keys.algorithms import Algorithm
from keys.der import sequence
from keys.handles import KeyHandle, RevocationReason
from keys.ocsp import response
from keys.ocsp.answer import Status, Word, sign_answer
from keys.ocsp.request import MAX_CERTIFICATES, MAX_REQUEST_BYTES, MalformedRequest, read_request
from keys.ocsp.unit import ResponderUnit, open_responder

AT = 1_764_000_000
KEY = ec.generate_private_key(ec.SECP256R1())
DELEGATE = ec.generate_private_key(ec.SECP256R1())


def certificate(name: str, key: ec.EllipticCurvePrivateKey, serial: int) -> x509.Certificate:
    begins = datetime.fromtimestamp(AT, UTC)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cơ quan chứng thực")])
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=9))
        .sign(KEY, hashes.SHA256())
    )


ISSUER, OWNED = certificate("Cơ quan chứng thực", KEY, 1), certificate("Người ký", DELEGATE, 2**158 + 7)
RESPONDER = certificate("OCSP", DELEGATE, 3)
BUILDER = ocsp.OCSPRequestBuilder()


def asked(hash_: hashes.HashAlgorithm | None = None, nonce: bytes | None = None) -> bytes:
    builder = BUILDER.add_certificate(OWNED, ISSUER, hash_ or hashes.SHA256())
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


@pytest.fixture
def unit() -> ResponderUnit:
    return open_responder(
        lambda message: DELEGATE.sign(message, ec.ECDSA(hashes.SHA256())),
        Algorithm.ES256,
        RESPONDER.public_bytes(Encoding.DER),
        KeyHandle("key_issuer"),
        ISSUER.public_bytes(Encoding.DER),
        not_before=AT,
        not_after=AT + 9 * 86_400,
    )


def answered(unit: ResponderUnit, status: Status, nonce: bytes | None = None) -> ocsp.OCSPResponse:
    wanted = read_request(asked(nonce=nonce)).wanted[0]
    answer = sign_answer(unit, [(wanted.der, status)], this_update=AT, next_update=AT + 3600, nonce=nonce)
    return ocsp.load_der_ocsp_response(response.successful(answer))


@pytest.mark.parametrize(("hash_", "word"), [(hashes.SHA1(), "sha1"), (hashes.SHA256(), "sha256")])
def test_the_certificate_that_is_asked_for(unit: ResponderUnit, hash_: hashes.HashAlgorithm, word: str) -> None:
    order = read_request(asked(hash_, nonce=b"n" * 32))
    wanted = order.wanted[0]
    assert (wanted.algorithm, wanted.serial, order.nonce) == (word, OWNED.serial_number, b"n" * 32)
    assert (wanted.algorithm, wanted.name_hash, wanted.key_hash) in unit.names


def test_without_nonce() -> None:
    assert read_request(asked()).nonce is None


def test_good_revoked_unknown(unit: ResponderUnit) -> None:
    assert answered(unit, Status(Word.GOOD)).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert answered(unit, Status(Word.UNKNOWN)).certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    revoked = answered(unit, Status(Word.REVOKED, AT - 60, RevocationReason.KEY_COMPROMISE))
    assert revoked.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert revoked.revocation_reason is x509.ReasonFlags.key_compromise
    assert revoked.revocation_time_utc == datetime.fromtimestamp(AT - 60, UTC)


@pytest.mark.parametrize("reason", list(RevocationReason))
def test_reasons_are_those_of_the_standard(unit: ResponderUnit, reason: RevocationReason) -> None:
    found = answered(unit, Status(Word.REVOKED, AT, reason)).revocation_reason
    if reason is RevocationReason.UNSPECIFIED:
        assert found is None
    else:
        assert found is x509.ReasonFlags(reason.value)


def test_answer_is_signed_by_the_delegate_and_repeats_the_nonce(unit: ResponderUnit) -> None:
    nonce = b"\x00\xff" * 16
    answer = answered(unit, Status(Word.GOOD), nonce)
    DELEGATE.public_key().verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    assert answer.certificates == [RESPONDER]
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    assert (answer.serial_number, answer.hash_algorithm.name) == (OWNED.serial_number, "sha256")
    key_hash = x509.SubjectKeyIdentifier.from_public_key(DELEGATE.public_key()).digest
    assert answer.responder_key_hash == key_hash
    assert answer.this_update_utc == datetime.fromtimestamp(AT, UTC)
    assert answer.next_update_utc == datetime.fromtimestamp(AT + 3600, UTC)


@pytest.mark.parametrize("nonce", [b"", b"n" * 129])
def test_nonce_of_a_wrong_length(nonce: bytes) -> None:
    with pytest.raises(MalformedRequest, match="128"):
        read_request(asked(nonce=nonce))


def _many(count: int) -> bytes:
    single = sequence(read_request(asked()).wanted[0].der)
    return sequence(sequence(sequence(*[single] * count)))


def test_number_of_certificates_is_bounded() -> None:
    assert len(read_request(_many(MAX_CERTIFICATES)).wanted) == MAX_CERTIFICATES
    with pytest.raises(MalformedRequest, match="too many"):
        read_request(_many(MAX_CERTIFICATES + 1))
    with pytest.raises(MalformedRequest, match="nothing"):
        read_request(_many(0))


def test_unknown_critical_extension() -> None:
    builder = BUILDER.add_certificate(OWNED, ISSUER, hashes.SHA256())
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.999.1"), b"\x05\x00")
    with pytest.raises(MalformedRequest, match="critical"):
        read_request(builder.add_extension(unknown, critical=True).build().public_bytes(Encoding.DER))
    tolerated = builder.add_extension(unknown, critical=False).build().public_bytes(Encoding.DER)
    assert len(read_request(tolerated).wanted) == 1


def test_sha384_is_refused() -> None:
    with pytest.raises(MalformedRequest, match="SHA-1"):
        read_request(asked(hashes.SHA384()))


def _broken() -> Iterator[bytes]:
    whole = asked(nonce=b"n" * 32)
    yield from (whole[:end] for end in range(len(whole)))
    yield whole + b"\x00"
    for at in range(len(whole)):
        for value in (0x00, 0x80, 0x84, 0xFF):
            yield whole[:at] + bytes((value,)) + whole[at + 1 :]


def test_nothing_but_the_error_of_the_protocol_for_broken_bytes() -> None:
    """Every prefix, and every octet replaced: it reads, or it is malformed; nothing else is raised."""
    refused = 0
    for one in _broken():
        try:
            read_request(one)
        except MalformedRequest:
            refused += 1
    assert refused > len(asked())


def test_longest_request() -> None:
    with pytest.raises(MalformedRequest, match="long"):
        read_request(b"\x30" * (MAX_REQUEST_BYTES + 1))


@pytest.mark.parametrize(
    ("der", "status"),
    [
        (response.MALFORMED, ocsp.OCSPResponseStatus.MALFORMED_REQUEST),
        (response.INTERNAL_ERROR, ocsp.OCSPResponseStatus.INTERNAL_ERROR),
        (response.TRY_LATER, ocsp.OCSPResponseStatus.TRY_LATER),
        (response.UNAUTHORIZED, ocsp.OCSPResponseStatus.UNAUTHORIZED),
    ],
)
def test_errors_of_the_protocol(der: bytes, status: ocsp.OCSPResponseStatus) -> None:
    assert ocsp.load_der_ocsp_response(der).response_status is status


def test_issuer_is_named_by_its_key_bits(unit: ResponderUnit) -> None:
    key_hash = x509.SubjectKeyIdentifier.from_public_key(KEY.public_key()).digest  # SHA-1 of the same bits
    assert unit.names[0][2] == key_hash
    assert unit.names[0][1] == hashlib.sha1(ISSUER.subject.public_bytes(), usedforsecurity=False).digest()
