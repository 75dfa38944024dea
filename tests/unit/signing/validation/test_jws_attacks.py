"""Attacks on JSON signatures that are right in every way but one; named as in the table of attack classes: J1 to 3."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.formats import jades_locate
from signing.formats.base import Level, Packaging
from signing.validation.indications import Indication, SubIndication
from signing.validation.located import Beside
from signing.validation.report import Report
from tests import signing_jws as made
from tests.signing_cms import CONTENT
from tests.signing_pki import NOW, Holder, issue, shared_city

PASSED = Indication.TOTAL_PASSED
FORMAT_FAILURE = (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)
Header = dict[str, Any]


def verdict(report: Report) -> tuple[Indication, SubIndication | None]:
    return report.indication, report.sub_indication


def plain() -> dict[str, Any]:
    return made.members(made.sign(level=Level.B_B))


def test_the_forge_itself_is_honest() -> None:
    assert made.verify(made.forge(made.usual_header())).indication is PASSED


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512"])
def test_j1_no_signature_is_no_signature(algorithm: str) -> None:
    public = shared_city().official.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = made.encoded(made.write({**made.usual_header(), "alg": algorithm}))
    payload = made.encoded(CONTENT)
    value = hmac.new(public, f"{head}.{payload}".encode(), hashlib.sha256).digest()
    found = {"payload": payload, "protected": head, "signature": made.encoded(value)}
    assert verdict(made.verify(made.write(found))) == FORMAT_FAILURE
    assert made.verify(f"{head}.{payload}.".encode()).indication is not PASSED


@pytest.mark.parametrize("algorithm", ["ES384", "ES512", "PS256", "RS256", "EdDSA", "ML-DSA-65"])
def test_j1_the_key_decides_the_algorithm(algorithm: str) -> None:
    document = made.forge({**made.usual_header(), "alg": algorithm})
    assert verdict(made.verify(document)) == (Indication.TOTAL_FAILED, SubIndication.SIG_CRYPTO_FAILURE)


def test_j1_a_curve_belongs_to_its_algorithm(monkeypatch: pytest.MonkeyPatch) -> None:
    """ES256 by a key on P-384 is none, even with a value that the key has made (RFC 7518 §3.4)."""
    holder = issue("Lê Thị Cúc", shared_city().issuing, key=ec.generate_private_key(ec.SECP384R1()))
    head = made.encoded(made.write({**made.usual_header(holder), "alg": "ES256"}))
    payload = made.encoded(CONTENT)
    message = f"{head}.{payload}".encode()
    value = holder.key.sign(message, ec.ECDSA(hashes.SHA256()))
    monkeypatch.setattr(jades_locate, "from_base64url", lambda _value: value)  # as if its length did not matter
    found = {"payload": payload, "protected": head, "signature": made.encoded(value)}
    report = made.verify(made.write(found))
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.SIG_CRYPTO_FAILURE)
    assert "secp384r1" in " ".join(one.debug for one in report.signatures[0].findings)


def test_an_algorithm_we_do_not_know_is_undecided() -> None:
    report = made.verify(made.forge({**made.usual_header(), "alg": "ES256K"}))
    assert report.indication is Indication.INDETERMINATE


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u"])
def test_j1_no_key_comes_from_a_header(name: str) -> None:
    """Right in every other way: what brings a key is refused, whether it is used or not."""
    value = {"kty": "EC"} if name == "jwk" else "https://attacker.example/keys"
    assert verdict(made.verify(made.forge({**made.usual_header(), name: value}))) == FORMAT_FAILURE


def test_j1_a_key_without_its_certificate_is_nobody() -> None:
    stranger = Holder(ec.generate_private_key(ec.SECP256R1()), shared_city().official.certificate)
    report = made.verify(made.forge(made.usual_header(), holder=stranger))
    assert verdict(report) == (Indication.TOTAL_FAILED, SubIndication.SIG_CRYPTO_FAILURE)
    without = {name: value for name, value in made.usual_header().items() if name != "x5c"}
    assert made.verify(made.forge(without)).sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND


def test_the_certificate_named_is_the_one_that_signed() -> None:
    other = shared_city().person()
    named = made.usual_header(other)["x5t#S256"]
    report = made.verify(made.forge({**made.usual_header(), "x5t#S256": named}))
    assert report.indication is not PASSED
    unnamed = {name: value for name, value in made.usual_header().items() if name != "x5t#S256"}
    assert made.verify(made.forge(unnamed)).indication is not PASSED


CRITICAL: dict[str, Callable[[Header], Header]] = {
    "unknown": lambda head: {**head, "crit": ["exp"], "exp": NOW},
    "empty": lambda head: {**head, "crit": []},
    "twice": lambda head: {**head, "crit": ["iat", "iat"]},
    "absent": lambda head: {**head, "crit": ["sigPl"]},
    "basic": lambda head: {**head, "crit": ["alg"]},
    "no-list": lambda head: {**head, "crit": "iat"},
    "no-text": lambda head: {**head, "crit": [1]},
    "none": lambda head: {**head, "crit": None},
    "b64-not-critical": lambda head: {**head, "b64": True},
    "b64-other-critical": lambda head: {**head, "b64": False, "crit": ["iat"]},
    "b64-no-boolean": lambda head: {**head, "b64": "false", "crit": ["b64"]},
}


@pytest.mark.parametrize("name", CRITICAL)
def test_j2_crit_is_understood_or_refused(name: str) -> None:
    assert verdict(made.verify(made.forge(CRITICAL[name](made.usual_header())))) == FORMAT_FAILURE


def test_j2_the_payload_is_read_as_it_was_signed() -> None:
    """b64 false: the member is the content itself; turned into base64 it is another content."""
    head = {**made.usual_header(), "b64": False, "crit": ["b64"]}
    assert made.verify(made.forge(head, "nguyên văn")).indication is PASSED
    found = made.members(made.forge(head, "nguyên văn"))
    found["payload"] = made.encoded("nguyên văn".encode())
    assert made.verify(made.write(found)).indication is Indication.TOTAL_FAILED


def test_j2_two_signers_read_one_payload_alike() -> None:
    """RFC 7797 §3: else one of them has signed something that nobody sees."""
    one = made.members(made.forge(made.usual_header(), "YWJj"))
    two = made.members(made.forge({**made.usual_header(), "b64": False, "crit": ["b64"]}, "YWJj"))
    both = {"payload": "YWJj", "signatures": [{key: x[key] for key in ("protected", "signature")} for x in (one, two)]}
    assert made.verify(made.write(one)).indication is PASSED
    assert made.verify(made.write(two)).indication is PASSED
    assert verdict(made.verify(made.write(both))) == FORMAT_FAILURE


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head.replace(b'"alg"', b'"alg":"none","alg"', 1),
        lambda head: head.replace(b'"iat"', b'"iat":1,"iat"', 1),
        lambda head: head + b" {}",
        lambda head: head + b"\x00",
        lambda head: b"\xef\xbb\xbf" + head,
        lambda head: head.replace(b"}", b',"x":NaN}', 1),
        lambda head: head.replace(b"}", b',"x":"\xff"}', 1),
        lambda head: head.replace(b"}", b',"x":' + b"[" * 60 + b"]" * 60 + b"}", 1),
    ],
    ids=["alg-twice", "iat-twice", "trailing", "nul", "mark", "nan", "no-utf-8", "deep"],
)
def test_j2_the_header_is_strict_json(change: Callable[[bytes], bytes]) -> None:
    """Each is signed as it stands, so a lenient reader would let it pass."""
    report = made.verify(made.forge(change(made.write(made.usual_header()))))
    assert verdict(report) == FORMAT_FAILURE


@pytest.mark.parametrize("name", ["payload", "protected", "signature", "header"])
def test_j2_the_file_is_strict_json(name: str) -> None:
    document = made.sign()
    member = made.write({name: made.members(document)[name]})[1:-1]
    assert verdict(made.verify(document[:-1] + b"," + member + b"}")) == FORMAT_FAILURE


@pytest.mark.parametrize("name", ["payload", "protected", "signature"])
@pytest.mark.parametrize("further", ["=", "\n", "!", "A"])
def test_base64url_is_canonical(name: str, further: str) -> None:
    found = plain()
    found[name] += further
    assert made.verify(made.write(found)).indication is Indication.TOTAL_FAILED


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"etsiU": [], "alg": "ES256"}, {"etsiU": []}, {}, [], {"etsiU": "a"}, {"kid": "1"}, None],
)
def test_j3_nothing_unprotected_but_etsi_u(header: object) -> None:
    assert verdict(made.verify(made.write({**plain(), "header": header}))) == FORMAT_FAILURE


@pytest.mark.parametrize(
    "element",
    [
        "e30",
        made.encoded(b'{"sigTst":{},"xVals":[]}'),
        made.encoded(b'{"sigTst":{"tstTokens":[]}}'),
        made.encoded(b'{"sigTst":{"tstTokens":[{"val":"MAA=","type":"x"}]}}'),
        made.encoded(b'{"xVals":[{"x509Cert":{"val":"MAA"}}]}'),
        made.encoded(b'{"xVals":[{"otherCert":{"val":"MAA="}}]}'),
        made.encoded(b'{"rVals":{"crlVals":[],"x":1}}'),
        made.encoded(b'{"cSig":{"payload":"YQ","protected":"e30","signature":"YQ"}}'),
        made.encoded(b'{"cSig":7}'),
        "not base64",
        7,
    ],
)
def test_j3_elements_of_etsi_u_are_in_their_form(element: object) -> None:
    assert verdict(made.verify(made.write({**plain(), "header": {"etsiU": [element]}}))) == FORMAT_FAILURE


def test_j3_an_unsigned_element_that_nobody_knows_is_told() -> None:
    document = made.write({**plain(), "header": {"etsiU": [made.encoded(b'{"note":"paid"}')]}})
    report = made.verify(document)
    assert verdict(report) == (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE)
    assert "unsigned_unknown" in {found.code for found in report.signatures[0].findings}


def test_a_planted_certificate_is_told() -> None:
    """P13: what nobody has signed and that belongs to nothing."""
    stranger = issue("Kẻ lạ", issue("Gốc lạ", None, authority=True))
    value = made.write({"xVals": [{"x509Cert": {"val": base64.b64encode(stranger.der).decode()}}]})
    document = made.write({**plain(), "header": {"etsiU": [made.encoded(value)]}})
    assert "certificate_stray" in {found.code for found in made.verify(document).signatures[0].findings}


def test_p14_a_stamp_of_another_signature_fails() -> None:
    found, other = made.members(made.sign()), made.members(made.sign(at=NOW + 1))
    report = made.verify(made.write({**other, "header": found["header"]}))
    assert "stamp_broken" in {found.code for found in report.signatures[0].findings}
    assert report.indication is not PASSED


@pytest.mark.parametrize("member", ["payload2", "signatures", "unprotected", "iv", "ciphertext"])
def test_a_member_that_does_not_belong_there_is_refused(member: str) -> None:
    assert verdict(made.verify(made.write({**plain(), member: "YQ"}))) == FORMAT_FAILURE


def test_a_payload_beside_sig_d_is_refused() -> None:
    """What is shown is not what is signed."""
    found = made.members(made.sign(packaging=Packaging.DETACHED))
    report = made.verify(made.write({"payload": "YQ", **found}), beside=Beside(content=CONTENT))
    assert verdict(report) == FORMAT_FAILURE


SIG_D: dict[str, Callable[[Header], Header]] = {
    "other-mechanism": lambda d: {**d, "mId": "http://uri.etsi.org/19182/HttpHeaders"},
    "no-mechanism": lambda d: {name: value for name, value in d.items() if name != "mId"},
    "more-names": lambda d: {**d, "pars": ["a", "b"]},
    "name-twice": lambda d: {**d, "pars": ["a", "a"], "hashV": d["hashV"] * 2},
    "no-digest": lambda d: {name: value for name, value in d.items() if name != "hashV"},
    "empty": lambda d: {**d, "pars": [], "hashV": []},
    "more": lambda d: {**d, "note": "x"},
}


@pytest.mark.parametrize("name", SIG_D)
def test_sig_d_is_in_its_form(name: str) -> None:
    head = made.header(made.sign(packaging=Packaging.DETACHED))
    document = made.forge({**head, "sigD": SIG_D[name](head["sigD"])}, "")
    assert verdict(made.verify(document, beside=Beside(content=CONTENT))) == FORMAT_FAILURE


@pytest.mark.parametrize("digest", ["S1", "MD5", "S256 "])
def test_a_digest_that_we_do_not_know_proves_nothing(digest: str) -> None:
    head = made.header(made.sign(packaging=Packaging.DETACHED))
    document = made.forge({**head, "sigD": {**head["sigD"], "hashM": digest}}, "")
    assert made.verify(document, beside=Beside(content=CONTENT)).indication is Indication.INDETERMINATE


@pytest.mark.parametrize("stated", [{}, {"iat": "now"}, {"iat": True}, {"iat": -1}, {"iat": 10**15}, {"sigT": "2025"}])
def test_the_time_is_stated_once_and_in_its_form(stated: Header) -> None:
    head = {name: value for name, value in made.usual_header().items() if name != "iat"}
    assert verdict(made.verify(made.forge({**head, **stated}))) == FORMAT_FAILURE
    both = {**made.usual_header(), "sigT": "2025-11-24T15:59:00Z"}
    assert verdict(made.verify(made.forge(both))) == FORMAT_FAILURE


def test_an_older_signature_states_its_time_as_text() -> None:
    head = {name: value for name, value in made.usual_header().items() if name != "iat"}
    report = made.verify(made.forge({**head, "sigT": "2025-11-24T15:59:00Z"}))
    assert (report.indication, report.signatures[0].claimed_time) == (PASSED, NOW - 60)


def test_signatures_without_end_are_refused() -> None:
    one = plain()
    several = {"payload": one["payload"], "signatures": [{x: one[x] for x in ("protected", "signature")}] * 65}
    assert verdict(made.verify(made.write(several))) == FORMAT_FAILURE
    deep = made.sign(level=Level.B_B)
    for level in range(3):
        deep = made.counter(deep, shared_city().official, (0,) * (level + 1), level=Level.B_B)
    assert made.verify(deep).indication is PASSED
    deeper = made.verify(made.counter(deep, shared_city().official, (0,) * 4, level=Level.B_B))
    assert verdict(deeper) == FORMAT_FAILURE


def test_no_damage_passes_or_falls_over() -> None:
    """One bit anywhere; a few hundred here, thousands in `make interop`."""
    chance = random.Random(20_261_128)
    document = made.sign()
    for _ in range(200):
        broken = bytearray(document)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        report = made.verify(bytes(broken))
        assert report.indication is not PASSED, bytes(broken)
        assert "internal" not in {found.code for found in report.findings}
