"""Documents signed with every kind of key, read by ourselves and by pyHanko; and ML-DSA written as it must not be."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing.errors import SignatureRefused
from signing.formats import FORMATS
from signing.formats.base import Level, PrepareRequest
from signing.formats.cms_writer import signed_attributes, signed_data
from signing.formats.der import NULL, oid, sequence
from signing.formats.signature_algorithms import ALGORITHMS, algorithm_of
from signing.validation.cms import CmsFacts, read_cms
from signing.validation.cms_scheme import scheme_of
from signing.validation.crypto import AlgorithmUnknown, SignatureWrong, verify_value
from tests.certificate_life import taken_out
from tests.signing_pdfs import plain
from tests.signing_pki import DAY, NOW, moment

ML_DSA: dict[str, Any] = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey,
}
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
HASHES: dict[str, Any] = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384(), "ES512": hashes.SHA512()}


@cache
def key(name: str) -> Any:
    if name in CURVES:
        return ec.generate_private_key(CURVES[name])
    if name in ("RS256", "PS256"):
        return rsa.generate_private_key(65537, 2048) if name == "RS256" else key("RS256")
    return ed25519.Ed25519PrivateKey.generate() if name == "EdDSA" else ML_DSA[name].generate()


@cache
def certificate(name: str) -> bytes:
    """Self-signed, and allowed to sign documents."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Người ký {name}")])
    usage = {one: one in ("digital_signature", "content_commitment") for one in USAGES}
    builder = (
        x509.CertificateBuilder(subject, subject, key(name).public_key(), x509.random_serial_number())
        .not_valid_before(moment(NOW - DAY))
        .not_valid_after(moment(NOW + DAY))
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    return builder.sign(key(name), HASHES.get(name, hashes.SHA256() if name.endswith("S256") else None)).public_bytes(
        Encoding.DER
    )


USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def sign(name: str, message: bytes) -> bytes:
    if name in CURVES:
        return bytes(key(name).sign(message, ec.ECDSA(HASHES[name])))
    if name == "RS256":
        return bytes(key(name).sign(message, padding.PKCS1v15(), hashes.SHA256()))
    if name == "PS256":
        return bytes(key(name).sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()))
    return bytes(key(name).sign(message))


@cache
def signed(name: str) -> bytes:
    request = PrepareRequest(certificate(name), (), NOW, level=Level.B_B, algorithm=name)
    prepared = FORMATS[0].prepare(plain(), request)
    return FORMATS[0].embed(prepared, sign(name, prepared.signed_attributes), None)


def written(name: str, signature: bytes | None = None) -> bytes:
    """A CMS signature of that key, with that value or a good one."""
    attributes = signed_attributes(b"d" * 64, certificate(name), name)
    value = sign(name, attributes) if signature is None else signature
    return signed_data(attributes, value, certificate(name), (), None, name)


def check(facts: CmsFacts, certificate: bytes) -> None:
    assert facts.message is not None
    verify_value(scheme_of(facts), facts.message, facts.signature, certificate)


@pytest.fixture
def other_way(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the writer write ML-DSA-65 in another way."""

    def change(**changes: Any) -> None:
        monkeypatch.setitem(ALGORITHMS, "ML-DSA-65", replace(ALGORITHMS["ML-DSA-65"], **changes))

    return change


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_kind_of_key_signs_a_document(name: str) -> None:
    der, data = taken_out(signed(name))
    facts = read_cms(der)
    assert facts.digest_algorithm == algorithm_of(name).digest
    assert facts.ess[0].algorithm == facts.digest_algorithm
    check(facts, certificate(name))
    assert facts.message_digest == hashlib.new(facts.digest_algorithm, data).digest()
    assert len(facts.signature) <= algorithm_of(name).most_bytes


@pytest.mark.parametrize("name", ALGORITHMS)
def test_pyhanko_believes_it(name: str) -> None:
    (embedded,) = PdfFileReader(io.BytesIO(signed(name))).embedded_signatures
    root = asn1_x509.Certificate.load(certificate(name))
    context = ValidationContext(trust_roots=[root], moment=moment(NOW), allow_fetching=False)
    status = validate_pdf_signature(embedded, context)
    assert status.intact
    assert status.valid
    assert status.trusted


def test_an_unknown_kind_of_key_is_refused_before_anything_is_written() -> None:
    with pytest.raises(SignatureRefused, match="key_type"):
        FORMATS[0].prepare(plain(), PrepareRequest(certificate("ES256"), (), NOW, algorithm="HS256"))


@pytest.mark.parametrize("name", ML_DSA)
def test_ml_dsa_spoilt_is_no_signature(name: str) -> None:
    good = sign(name, signed_attributes(b"d" * 64, certificate(name), name))
    check(read_cms(written(name)), certificate(name))
    for spoilt in (good[:-1] + bytes((good[-1] ^ 1,)), good[:-1], b"", sign(name, b"another message")):
        with pytest.raises(SignatureWrong):
            check(read_cms(written(name, spoilt)), certificate(name))


def test_ml_dsa_of_another_parameter_set_is_no_signature() -> None:
    with pytest.raises(SignatureWrong):
        check(read_cms(written("ML-DSA-65")), certificate("ML-DSA-87"))


def test_ml_dsa_with_a_context_is_no_signature() -> None:
    attributes = signed_attributes(b"d" * 64, certificate("ML-DSA-65"), "ML-DSA-65")
    value = key("ML-DSA-65").sign(attributes, b"context")
    with pytest.raises(SignatureWrong):
        check(read_cms(written("ML-DSA-65", value)), certificate("ML-DSA-65"))


def test_ml_dsa_with_parameters_is_no_signature(other_way: Callable[..., None]) -> None:
    other_way(identifier=sequence(oid("2.16.840.1.101.3.4.3.18"), NULL))
    with pytest.raises(SignatureWrong, match="parameters"):
        check(read_cms(written("ML-DSA-65")), certificate("ML-DSA-65"))


def test_ml_dsa_with_a_digest_weaker_than_itself_is_not_judged_good(other_way: Callable[..., None]) -> None:
    other_way(digest="sha256")
    with pytest.raises(AlgorithmUnknown):
        check(read_cms(written("ML-DSA-65")), certificate("ML-DSA-65"))
