"""JAdES: every serialization and algorithm, what a signer states, signers beside and above each other."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from signing.errors import SigningError
from signing.formats.base import Level, Packaging, SignaturePolicy, Statements
from signing.formats.jws_algorithms import ALGORITHMS
from signing.validation.indications import Indication, SubIndication
from signing.validation.located import ALONE, Beside, Coverage
from tests import signing_jws as made
from tests.signing_acts import sign_message
from tests.signing_cms import CONTENT
from tests.signing_pki import NOW, Holder, issue, shared_city

PASSED = Indication.TOTAL_PASSED
KEYS: dict[str, Any] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey.generate,
}
BESIDE = Beside(content=CONTENT)


@cache
def rsa_holder() -> Holder:
    return issue("Lê Thị Cúc", shared_city().issuing, key=rsa.generate_private_key(65537, 2048))


@cache
def colleague() -> Holder:
    return shared_city().person()


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_kind_of_key(algorithm: str) -> None:
    holder = issue("Lê Thị Cúc", shared_city().issuing, key=KEYS[algorithm]())
    document = made.sign(holder=holder)
    assert made.header(document)["alg"] == algorithm
    report = made.verify(document)
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-T"), report.as_json()


@pytest.mark.parametrize("algorithm", ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"])
def test_rsa_signs_with_either_padding_and_every_digest(algorithm: str) -> None:
    """Keys of ours make those of SHA-256; the others come from elsewhere and are verified."""
    holder = rsa_holder()
    head = made.encoded(made.write({**made.usual_header(holder), "alg": algorithm}))
    payload = made.encoded(CONTENT)
    value = sign_message(holder.key, algorithm, f"{head}.{payload}".encode())
    document = made.write({"payload": payload, "protected": head, "signature": made.encoded(value)})
    assert made.verify(document).indication is PASSED


def test_a_value_of_ecdsa_is_two_numbers_side_by_side() -> None:
    """RFC 7518 §3.4, not the DER that keys give."""
    document = made.sign()
    assert len(made.decoded(made.members(document)["signature"])) == 64
    assert ALGORITHMS["ES256"].from_jws(bytes(63)) == bytes(63)


def test_an_algorithm_nobody_knows_is_refused() -> None:
    for name in ("HS256", "none", "ES256K"):
        with pytest.raises(SigningError) as refused:
            made.sign(algorithm=name)
        assert refused.value.code == "key_type"


def test_attached_holds_its_content() -> None:
    document = made.sign()
    (signature,) = made.verify(document).signatures
    assert (signature.coverage, signature.format, signature.field) == (Coverage.ENCLOSED, "JAdES", "1")
    assert made.decoded(made.members(document)["payload"]) == CONTENT
    other = made.verify(document, beside=Beside(content=b"something else"))
    assert (other.indication, other.sub_indication) == (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)
    assert made.verify(document, beside=BESIDE).indication is PASSED


def test_compact_has_no_room_for_a_stamp() -> None:
    document = made.sign(packaging=Packaging.COMPACT, level=Level.B_B)
    assert document.count(b".") == 2
    assert made.verify(document).indication is PASSED
    with pytest.raises(SigningError) as refused:
        made.sign(packaging=Packaging.COMPACT)
    assert refused.value.code == "level_unsupported"


@pytest.mark.parametrize("further", [b"\n", b" ", b".", b"\x00"])
def test_nothing_follows_a_compact_signature(further: bytes) -> None:
    report = made.verify(made.sign(packaging=Packaging.COMPACT, level=Level.B_B) + further)
    assert report.indication is not PASSED


def test_detached_needs_its_content_or_its_digest() -> None:
    document = made.sign(packaging=Packaging.DETACHED, file_name="công văn.pdf")
    assert "payload" not in made.members(document)
    head = made.header(document)
    assert (head["crit"], head["b64"]) == (["b64", "sigD"], False)
    assert head["sigD"]["pars"] == ["c%C3%B4ng%20v%C4%83n.pdf"]
    report = made.verify(document, beside=BESIDE)
    assert (report.indication, report.signatures[0].coverage) == (PASSED, Coverage.DETACHED)
    report = made.verify(document, beside=Beside(digest=hashlib.sha256(CONTENT).digest()))
    assert (report.indication, report.signatures[0].coverage) == (PASSED, Coverage.DIGEST)


@pytest.mark.parametrize(
    ("beside", "verdict"),
    [
        (ALONE, (Indication.INDETERMINATE, SubIndication.SIGNED_DATA_NOT_FOUND)),
        (Beside(content=b"another"), (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)),
        (Beside(content=b""), (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)),
        (Beside(digest=bytes(32)), (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)),
    ],
    ids=["nothing", "other", "empty", "other-digest"],
)
def test_without_the_content_it_never_passes(beside: Beside, verdict: object) -> None:
    report = made.verify(made.sign(packaging=Packaging.DETACHED), beside=beside)
    assert (report.indication, report.sub_indication) == verdict
    assert report.signatures[0].integrity != "intact"


def test_one_signature_over_several_files() -> None:
    annex = Beside(files=(("annex.csv", b"a,b"), ("map.png", b"\x89PNG")))
    document = made.sign(packaging=Packaging.DETACHED, file_name="decision.pdf", beside=annex)
    assert made.header(document)["sigD"]["pars"] == ["decision.pdf", "annex.csv", "map.png"]
    all_of_it = (("map.png", b"\x89PNG"), ("decision.pdf", CONTENT), ("annex.csv", b"a,b"))
    assert made.verify(document, beside=Beside(files=all_of_it)).indication is PASSED
    missing = made.verify(document, beside=Beside(files=all_of_it[1:]))
    assert missing.sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND
    swapped = (("map.png", CONTENT), ("decision.pdf", b"\x89PNG"), all_of_it[2])
    assert made.verify(document, beside=Beside(files=swapped)).sub_indication is SubIndication.HASH_FAILURE


def test_a_payload_that_was_taken_out_comes_along() -> None:
    """RFC 7515 Appendix F, and the other mechanism of sigD (§5.2.8.3.2): the files are the payload."""
    document = made.members(made.sign())
    del document["payload"]
    bare = made.write(document)
    assert made.verify(bare, beside=BESIDE).indication is PASSED
    assert made.verify(bare).sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND
    assert made.verify(bare, beside=Beside(content=b"x")).sub_indication is SubIndication.SIG_CRYPTO_FAILURE
    named = {"mId": "http://uri.etsi.org/19182/ObjectIdByURI", "pars": ["a", "b"]}
    head = made.encoded(made.write({**made.usual_header(), "sigD": named, "crit": ["sigD"]}))
    files = (("b", b"two"), ("a", b"one"))
    payload = made.encoded(b"one") + made.encoded(b"two")
    value = sign_message(shared_city().official.key, "ES256", f"{head}.{payload}".encode())
    signed = made.write({"protected": head, "signature": made.encoded(ALGORITHMS["ES256"].to_jws(value))})
    assert made.verify(signed, beside=Beside(files=files)).indication is PASSED
    assert made.verify(signed).sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND
    assert made.verify(signed, beside=Beside(files=files[:1])).sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND


def test_what_a_signer_states_is_under_the_signature() -> None:
    policy = SignaturePolicy("1.3.6.1.4.1.99999.7", hashlib.sha256(b"policy").digest(), "https://policy.example/1")
    statements = Statements(
        media_type="application/pdf",
        commitment="1.2.840.113549.1.9.16.6.5",
        role="Giám đốc Sở Nội vụ",
        country="VN",
        locality="Huế",
        policy=policy,
        stamp_content=shared_city().stamp,
    )
    document = made.sign(statements=statements)
    found = made.header(document)
    assert (found["iat"], found["cty"]) == (NOW, "pdf")
    assert found["srCms"] == [{"commId": {"id": "http://uri.etsi.org/01903/v1.2.2#ProofOfApproval"}}]
    assert found["srAts"]["claimed"][0]["qVals"] == ["Giám đốc Sở Nội vụ"]
    assert found["sigPl"] == {"addressCountry": "VN", "addressLocality": "Huế"}
    assert found["sigPId"]["digVal"] == made.encoded(policy.sha256)
    assert len(found["adoTst"]["tstTokens"]) == 1
    report = made.verify(document)
    assert (report.indication, report.signatures[0].location) == (PASSED, "Huế, VN")
    assert len(report.signatures[0].judgement.case.content_stamps) == 1


def test_a_content_stamp_of_another_content_fails() -> None:
    other = shared_city().stamp(hashlib.sha256(b"another").digest())
    document = made.sign(statements=Statements(stamp_content=lambda _imprint: other))
    codes = {found.code for found in made.verify(document).signatures[0].findings}
    assert "content_stamp_broken" in codes


def test_two_signers_have_two_verdicts() -> None:
    """C4: one good and one bad; the whole is as bad as the worst."""
    both = made.add(made.sign(), colleague(), level=Level.B_B)
    report = made.verify(both)
    assert [one.signer for one in report.signatures] == ["Nguyễn Văn An", "Trần Thị Bình"]
    assert report.indication is PASSED
    found = made.members(both)
    value = bytearray(made.decoded(found["signatures"][1]["signature"]))
    value[5] ^= 1
    found["signatures"][1]["signature"] = made.encoded(bytes(value))
    spoiled = made.verify(made.write(found))
    assert [one.indication for one in spoiled.signatures] == [PASSED, Indication.TOTAL_FAILED]
    assert spoiled.indication is Indication.TOTAL_FAILED


def test_a_signer_beside_a_compact_or_a_detached_one() -> None:
    compact = made.sign(packaging=Packaging.COMPACT, level=Level.B_B)
    assert made.verify(made.add(compact, colleague())).indication is PASSED
    first = made.sign(packaging=Packaging.DETACHED)
    with pytest.raises(SigningError) as refused:
        made.add(first, colleague())
    assert refused.value.code == "no_content"
    report = made.verify(made.add(first, colleague(), beside=BESIDE), beside=BESIDE)
    assert [one.indication for one in report.signatures] == [PASSED, PASSED]


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
    found, other = made.members(made.counter(made.sign(), colleague())), made.members(made.sign(at=NOW + 1))
    other["header"]["etsiU"].append(found["header"]["etsiU"][-1])
    report = made.verify(made.write(other))
    assert [one.indication for one in report.signatures] == [PASSED, Indication.TOTAL_FAILED]
    assert report.signatures[1].sub_indication is SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize("target", [(), (1,), (0, 0), (-1,)])
def test_there_must_be_something_to_countersign(target: tuple[int, ...]) -> None:
    with pytest.raises(SigningError) as refused:
        made.counter(made.sign(), colleague(), target)
    assert refused.value.code == ("no_target")


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
    for rubbish in (b"plain words", made.sign()[:-1], b"", made.sign() + b"\x00", b"{}"):
        with pytest.raises(SigningError) as refused:
            made.add(rubbish, colleague())
        assert refused.value.code == "not_readable"


@pytest.mark.parametrize(
    "document",
    [
        b'{"a": 1}',
        b'{"signature": "a poem"}',
        b'{"signatures": ["An", "Binh"], "payload": "petition"}',
        b'{"letter": {"payload": "", "protected": "", "signature": ""}}',
        b"[1, 2]",
        b"ey.b.c d",
    ],
)
def test_json_that_is_no_signature_is_of_an_unknown_format(document: bytes) -> None:
    assert [found.code for found in made.verify(document).findings] == ["unknown_format"]
