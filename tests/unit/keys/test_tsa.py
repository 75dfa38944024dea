"""Time stamps as OpenSSL and asn1crypto read them, and requests that are turned away with the right code."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from base.clock import FixedClock, as_utc
from keys.api import Keys
from keys.der import integer, sequence, set_of
from keys.errors import KeyRefused
from keys.tsa.response import TimeStampResponse
from tests.unit.keys.conftest import SETTINGS

DATA = "Quyết định số 12/QĐ-UBND".encode()
DIGEST = hashlib.sha256(DATA).digest()


@pytest.fixture
def root(held: Keys, tmp_path: Path) -> Path:
    """A folder with root.pem and data.txt for the openssl command."""
    certificate = x509.load_der_x509_certificate(held.trust_anchors()[0])
    (tmp_path / "root.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "issuing.pem").write_bytes(
        x509.load_der_x509_certificate(held.issuer_certificates()[0]).public_bytes(Encoding.PEM)
    )
    (tmp_path / "data.txt").write_bytes(DATA)
    return tmp_path


def openssl(folder: Path, *words: str) -> str:
    done = subprocess.run(["openssl", "ts", *words], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def content(token: bytes) -> Any:
    return cms.ContentInfo.load(token, strict=True)["content"]["encap_content_info"]["content"].parsed


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_openssl_asks_and_verifies(held: Keys, root: Path, algorithm: str, clock: FixedClock) -> None:
    openssl(root, "-query", "-data", "data.txt", f"-{algorithm}", "-cert", "-out", "q.tsq")
    (root / "r.tsr").write_bytes(held.timestamp_response((root / "q.tsq").read_bytes()))
    at = ("-attime", str(clock.now()), "-CAfile", "root.pem")
    assert "Verification: OK" in openssl(root, "-verify", "-in", "r.tsr", "-queryfile", "q.tsq", *at)
    assert "Verification: OK" in openssl(root, "-verify", "-in", "r.tsr", "-data", "data.txt", *at)
    (root / "data.txt").write_bytes(DATA + b".")
    assert "Verification: FAILED" in openssl(root, "-verify", "-in", "r.tsr", "-data", "data.txt", *at)


def test_without_certificates_when_not_asked(held: Keys, root: Path, clock: FixedClock) -> None:
    openssl(root, "-query", "-data", "data.txt", "-sha256", "-no_nonce", "-out", "q.tsq")
    answer = held.timestamp_response((root / "q.tsq").read_bytes())
    token = TimeStampResponse.load(answer)["time_stamp_token"]
    assert token["content"]["certificates"].native is None
    assert token["content"]["encap_content_info"]["content"].parsed["nonce"].native is None


def test_stolen_answer_does_not_fit_another_question(held: Keys, root: Path, clock: FixedClock) -> None:
    for name in ("one", "two"):
        openssl(root, "-query", "-data", "data.txt", "-sha256", "-cert", "-out", f"{name}.tsq")
    (root / "r.tsr").write_bytes(held.timestamp_response((root / "one.tsq").read_bytes()))
    told = openssl(root, "-verify", "-in", "r.tsr", "-queryfile", "two.tsq", "-CAfile", "root.pem",
                   "-attime", str(clock.now()))  # fmt: skip
    assert "nonce mismatch" in told


def test_what_a_token_says(held: Keys, clock: FixedClock) -> None:
    info = content(held.timestamp(DIGEST, nonce=2**64 - 1))
    assert info["version"].native == "v1"
    assert info["policy"].dotted == SETTINGS.timestamp_policy_oid
    assert info["message_imprint"]["hashed_message"].native == DIGEST
    assert info["gen_time"].native == as_utc(clock.now())
    assert info["accuracy"]["seconds"].native == 1
    assert info["nonce"].native == 2**64 - 1


def test_serial_numbers_differ(held: Keys) -> None:
    serials = {content(held.timestamp(DIGEST))["serial_number"].native for _ in range(500)}
    assert len(serials) == 500
    assert min(serials) > 0


def test_certificate_of_the_unit(held: Keys) -> None:
    token = cms.ContentInfo.load(held.timestamp(DIGEST))["content"]
    der = [choice.chosen.dump() for choice in token["certificates"]]
    units = []
    for one in map(x509.load_der_x509_certificate, der):
        try:
            units.append((one, one.extensions.get_extension_for_class(x509.ExtendedKeyUsage)))
        except x509.ExtensionNotFound:
            continue
    ((unit, usage),) = units
    assert usage.critical
    assert [one.dotted_string for one in usage.value] == ["1.3.6.1.5.5.7.3.8"]
    attributes = {one["type"].native: one["values"][0] for one in token["signer_infos"][0]["signed_attrs"]}
    reference = attributes["signing_certificate_v2"]["certs"][0]
    assert reference["cert_hash"].native == hashlib.sha256(unit.public_bytes(Encoding.DER)).digest()
    assert reference["issuer_serial"]["serial_number"].native == unit.serial_number
    assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2"}


def test_token_is_strict_der(held: Keys) -> None:
    """Reading and writing it again with another library changes nothing."""
    token = held.timestamp(DIGEST, nonce=7)
    assert cms.ContentInfo.load(token, strict=True).copy().dump(force=True) == token


# ── Requests that are turned away ────────────────────────────────────────────────────────────────────────────────


def question(**change: Any) -> bytes:
    fields = {
        "version": 1,
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST},
        "nonce": 5,
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq({**fields, **change}).dump())


def imprint(algorithm: str, digest: bytes) -> dict[str, Any]:
    return {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": digest}


WITH_PARAMETERS = sequence(
    integer(1),
    sequence(
        sequence(algos.DigestAlgorithmId("sha256").dump(), core.OctetString(b"x").dump()),
        core.OctetString(DIGEST).dump(),
    ),
)
"""A hash algorithm with parameters that nobody defined."""


@pytest.mark.parametrize(
    ("request_der", "failure"),
    [
        (question(version=2), "bad_request"),
        (question(message_imprint=imprint("sha1", b"0" * 20)), "bad_alg"),
        (question(message_imprint=imprint("md5", b"0" * 16)), "bad_alg"),
        (question(message_imprint=imprint("sha224", b"0" * 28)), "bad_alg"),
        (question(message_imprint=imprint("sha256", b"0" * 20)), "bad_data_format"),
        (question(message_imprint=imprint("sha512", DIGEST)), "bad_data_format"),
        (WITH_PARAMETERS, "bad_data_format"),
        (question(req_policy="1.2.3.4"), "unaccepted_policy"),
        (question(extensions=[{"extn_id": "1.2.3", "critical": False, "extn_value": b"\x05\x00"}]),
         "unaccepted_extensions"),
        (question(nonce=1 << 600), "bad_request"),
        (question() + b"\x00", "bad_data_format"),
        (question()[:-1], "bad_data_format"),
        (b"", "bad_data_format"),
        (b"GET / HTTP/1.1", "bad_data_format"),
        (b"\x30\x80" * 2000, "bad_data_format"),
        (b"0" * 5000, "bad_data_format"),
    ],
)  # fmt: skip
def test_refusals(held: Keys, root: Path, request_der: bytes, failure: str) -> None:
    answer = held.timestamp_response(request_der)
    status = TimeStampResponse.load(answer, strict=True)["status"]
    assert status["status"].native == "rejection"
    assert status["fail_info"].native == {failure}
    (root / "r.tsr").write_bytes(answer)
    assert "Status: Rejected" in openssl(root, "-reply", "-in", "r.tsr", "-text")


def test_every_damaged_byte_is_answered(held: Keys) -> None:
    """No request raises: 300 damaged ones get an answer each."""
    good = question()
    for count in range(300):
        at, bit = count % len(good), 1 << (count % 8)
        answer = held.timestamp_response(good[:at] + bytes((good[at] ^ bit,)) + good[at + 1 :])
        assert TimeStampResponse.load(answer)["status"]["status"].native in ("granted", "rejection")


def test_policy_that_is_served_may_be_named(held: Keys) -> None:
    answer = held.timestamp_response(question(req_policy=SETTINGS.timestamp_policy_oid))
    assert TimeStampResponse.load(answer)["status"]["status"].native == "granted"


def test_no_stamp_outside_the_certificates_life(held: Keys, clock: FixedClock) -> None:
    clock.move(SETTINGS.tsu_certificate_seconds + 1)
    status = TimeStampResponse.load(held.timestamp_response(question()))["status"]
    assert status["fail_info"].native == {"system_failure"}


@pytest.mark.parametrize(("digest", "algorithm"), [(b"", "sha256"), (b"0" * 20, "sha1"), (b"0" * 32, "sha512")])
def test_our_own_wrong_use_is_an_error(held: Keys, digest: bytes, algorithm: str) -> None:
    with pytest.raises(KeyRefused, match="wrong_algorithm"):
        held.timestamp(digest, algorithm=algorithm)


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 256, -1, -128, -129, 2**128 - 1, -(2**64)])
def test_integers_in_der(value: int) -> None:
    assert integer(value) == core.Integer(value).dump()


def test_sets_are_sorted() -> None:
    assert set_of(integer(2), integer(1)) == set_of(integer(1), integer(2))
    assert len(sequence(b"\x00" * 300)) == 304
