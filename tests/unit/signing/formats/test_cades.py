"""CAdES: every packaging, every algorithm, what a signer states, signers beside and above each other."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from base.clock import as_utc
from signing.errors import SigningError
from signing.formats.base import Level, Packaging, SignaturePolicy, Statements
from signing.formats.der import oid, sequence, tlv
from signing.validation.indications import Indication, SubIndication
from signing.validation.located import Beside, Coverage
from tests import signing_cms as made
from tests.signing_pki import NOW, Holder, issue, shared_city

PASSED = Indication.TOTAL_PASSED
KEYS: dict[str, Any] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
}


@cache
def rsa_holder() -> Holder:
    return issue("Lê Thị Cúc", shared_city().issuing, key=rsa.generate_private_key(65537, 2048))


@cache
def colleague() -> Holder:
    return shared_city().person()


def attributes(document: bytes) -> dict[str, Any]:
    """Of the first signer: DER of the only value of each signed attribute, by dotted identifier."""
    signer = cms.ContentInfo.load(document)["content"]["signer_infos"][0]
    return {item["type"].dotted: item["values"][0] for item in signer["signed_attrs"]}


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_kind_of_key(algorithm: str) -> None:
    holder = issue("Lê Thị Cúc", shared_city().issuing, key=KEYS[algorithm]())
    report = made.verify(made.sign(holder=holder))
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-T"), report.as_json()


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_rsa_signs_with_either_padding(algorithm: str) -> None:
    document = made.sign(holder=rsa_holder(), algorithm=algorithm)
    assert made.verify(document).indication is PASSED
    info = cms.ContentInfo.load(document)["content"]["signer_infos"][0]
    assert (info["signature_algorithm"].signature_algo == "rsassa_pss") == (algorithm != "RS256")


def test_an_algorithm_nobody_knows_is_refused() -> None:
    with pytest.raises(SigningError) as refused:
        made.sign(algorithm="HS256")
    assert refused.value.code == "key_type"


def test_attached_holds_its_content() -> None:
    (signature,) = made.verify(made.sign()).signatures
    assert (signature.coverage, signature.format) == (Coverage.ENCLOSED, "CAdES")
    assert made.CONTENT in made.sign()
    other = made.verify(made.sign(), beside=Beside(content=b"something else"))
    assert (other.indication, other.sub_indication) == (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)


def test_detached_needs_its_content_or_its_digest() -> None:
    document = made.sign(packaging=Packaging.DETACHED)
    assert made.CONTENT not in document
    report = made.verify(document, beside=Beside(content=made.CONTENT))
    assert (report.indication, report.signatures[0].coverage) == (PASSED, Coverage.DETACHED)
    report = made.verify(document, beside=Beside(digest=hashlib.sha256(made.CONTENT).digest()))
    assert (report.indication, report.signatures[0].coverage) == (PASSED, Coverage.DIGEST)
    assert "covers_digest" in {found.code for found in report.signatures[0].findings}


@pytest.mark.parametrize(
    ("beside", "verdict"),
    [
        (Beside(), (Indication.INDETERMINATE, SubIndication.SIGNED_DATA_NOT_FOUND)),
        (Beside(content=b"another"), (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)),
        (Beside(content=b""), (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)),
        (Beside(digest=bytes(32)), (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)),
        (
            Beside(digest=hashlib.sha512(made.CONTENT).digest()),
            (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE),
        ),
    ],
    ids=["nothing", "other", "empty", "other-digest", "digest-of-another-kind"],
)
def test_without_the_content_it_never_passes(beside: Beside, verdict: object) -> None:
    report = made.verify(made.sign(packaging=Packaging.DETACHED), beside=beside)
    assert (report.indication, report.sub_indication) == verdict
    assert report.signatures[0].integrity != "intact"


def test_what_a_signer_states_is_under_the_signature() -> None:
    city = shared_city()
    policy = SignaturePolicy("1.3.6.1.4.1.99999.7", hashlib.sha256(b"policy").digest(), "https://policy.example/1")
    statements = Statements(
        media_type="text/plain",
        commitment="1.2.840.113549.1.9.16.6.5",
        role="Giám đốc Sở Nội vụ",
        country="VN",
        locality="Huế",
        policy=policy,
        stamp_content=city.stamp,
    )
    document = made.sign(statements=statements)
    found = attributes(document)
    assert found["0.4.0.1733.2.1"].dump()[2:] == b"text/plain"
    hints = found["1.2.840.113549.1.9.16.2.4"].dump()
    assert hints == sequence(tlv(0x0C, b"text/plain"), oid("1.2.840.113549.1.7.1"))
    assert found["1.2.840.113549.1.9.16.2.16"].dump() == sequence(oid("1.2.840.113549.1.9.16.6.5"))
    assert "Giám đốc Sở Nội vụ".encode() in found["0.4.0.19122.1.1"].dump()
    assert "Huế".encode() in found["1.2.840.113549.1.9.16.2.17"].dump()
    assert policy.sha256 in found["1.2.840.113549.1.9.16.2.15"].dump()
    assert hashlib.sha256(made.CONTENT).digest() in found["1.2.840.113549.1.9.16.2.20"].dump()
    assert found["1.2.840.113549.1.9.5"].native == as_utc(NOW)
    assert made.verify(document).indication is PASSED


def test_two_signers_have_two_verdicts() -> None:
    """C4: one good and one bad; the whole is as bad as the worst."""
    both = made.add(made.sign(), colleague(), level=Level.B_B)
    report = made.verify(both)
    assert report.indication is PASSED
    assert {signature.signer for signature in report.signatures} == {"Nguyễn Văn An", "Trần Thị Bình"}
    bad = bytearray(both)
    bad[bytes(both).index(made.value_of(both, "Trần Thị Bình"))] ^= 1
    spoiled = made.verify(bytes(bad))
    assert sorted(str(signature.indication) for signature in spoiled.signatures) == ["TOTAL-FAILED", "TOTAL-PASSED"]
    assert spoiled.indication is Indication.TOTAL_FAILED


def test_a_signer_beside_another_of_a_detached_signature_needs_the_content() -> None:
    first = made.sign(packaging=Packaging.DETACHED)
    with pytest.raises(SigningError) as refused:
        made.add(first, colleague())
    assert refused.value.code == "no_content"
    both = made.add(first, colleague(), beside=Beside(content=made.CONTENT))
    report = made.verify(both, beside=Beside(content=made.CONTENT))
    assert ([signature.indication for signature in report.signatures]) == [PASSED, PASSED]


def test_a_counter_signature_is_over_the_signature() -> None:
    document = made.counter(made.sign(), colleague())
    report = made.verify(document)
    assert [(one.signer, one.coverage, one.field) for one in report.signatures] == [
        ("Nguyễn Văn An", Coverage.ENCLOSED, "1"),
        ("Trần Thị Bình", Coverage.SIGNATURE, "1.1"),
    ]
    assert report.indication is PASSED, report.as_json()
    above = made.verify(made.counter(document, rsa_holder(), (0, 0)))
    assert [one.field for one in above.signatures] == ["1", "1.1", "1.1.1"]
    assert above.indication is PASSED


def test_a_counter_signature_moved_to_another_signature_fails_alone() -> None:
    countered = made.counter(made.sign(), colleague())
    moved = made.transplant(countered, made.sign(at=NOW + 1))
    report = made.verify(moved)
    assert [one.indication for one in report.signatures] == [PASSED, Indication.TOTAL_FAILED]
    assert report.signatures[1].sub_indication is SubIndication.HASH_FAILURE


@pytest.mark.parametrize("target", [(), (1,), (0, 0), (-1,)])
def test_there_must_be_something_to_countersign(target: tuple[int, ...]) -> None:
    with pytest.raises(SigningError) as refused:
        made.counter(made.sign(), colleague(), target)
    assert refused.value.code == "no_target"


def test_without_its_stamp_there_is_no_level_t() -> None:
    """T10: one product went on with a bare time when its authority failed."""

    def dead(imprint: bytes) -> bytes:
        raise ConnectionError(imprint.hex())

    with pytest.raises(ConnectionError):
        made.sign(stamp=dead)
    with pytest.raises(ConnectionError):
        made.sign(statements=Statements(stamp_content=dead), level=Level.B_B)
    with pytest.raises(SigningError):
        made.sign(stamp=lambda _imprint: b"20261128073000Z")


def test_only_a_signature_file_gets_another_signer() -> None:
    for rubbish in (b"plain words", made.sign()[:-1], b"", made.sign() + b"\x00"):
        with pytest.raises(SigningError) as refused:
            made.add(rubbish, colleague())
        assert refused.value.code == "not_readable"
