"""Tokens of authorities outside: every check has a token that fails it; a dead authority fails the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import keys.models  # noqa: F401  # the tables must be known before make_base() creates them
from base.http import Answer, OutboundRefused
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import Keys
from keys.ca.drafting import drafting
from keys.errors import KeysUnavailable
from keys.settings import KeysSettings
from keys.tsa.foreign import TokenRefused, read_reply
from keys.tsa.request import ImprintOrder, Rejection
from keys.tsa.response import granted, rejected
from keys.tsa.token import make_token
from keys.tsa.unit import open_unit
from tests.ready_keys import open_ready_keys

AT = 1_764_000_000
ORDER = ImprintOrder("sha256", b"d" * 32, 77, with_certificates=True)
KEY, UNIT_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
TIME_STAMPING, CLIENT = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CLIENT_AUTH


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str,
    key: Any,
    usage: tuple[list[x509.ObjectIdentifier], bool] | None,
    *,
    issuer: str = "Gốc",
    issuer_key: ec.EllipticCurvePrivateKey = KEY,
    days: int = 30,
) -> bytes:
    begins = datetime.fromtimestamp(AT, UTC) - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage[0]), critical=usage[1])
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(Encoding.DER)


ROOT = certificate("Gốc", KEY, None)


def sign(message: bytes) -> bytes:
    return UNIT_KEY.sign(message, ec.ECDSA(hashes.SHA256()))


def reply(
    unit: bytes,
    *,
    order: ImprintOrder = ORDER,
    gen_time: int = AT,
    chain: tuple[bytes, ...] = (),
    signing: Callable[[bytes], bytes] = sign,
    algorithm: Algorithm = Algorithm.ES256,
) -> bytes:
    opened = open_unit(signing, algorithm, unit, chain, not_before=AT, not_after=AT)
    return granted(make_token(opened, order, policy="1.2.3", gen_time=gen_time))


GOOD = certificate("TSA", UNIT_KEY, ([TIME_STAMPING], True))


def read(der: bytes, *, anchor: bytes = ROOT) -> bytes:
    return read_reply(der, ORDER, [anchor], now=AT, most_off_seconds=300).token


def test_token_that_counts() -> None:
    assert read(reply(GOOD))


@pytest.mark.parametrize("algorithm", [Algorithm.EDDSA, Algorithm.ML_DSA_44, Algorithm.ML_DSA_65, Algorithm.ML_DSA_87])
def test_unit_that_signs_whole_messages(algorithm: Algorithm) -> None:
    key: Any = drafting(algorithm).key
    unit = certificate("TSA", key, ([TIME_STAMPING], True))
    token = reply(unit, signing=key.sign, algorithm=algorithm)
    assert read(token)
    with pytest.raises(TokenRefused, match="signature is not valid"):
        read(token[:-1] + bytes((token[-1] ^ 1,)))
    with pytest.raises(TokenRefused, match="signature is not valid"):
        read(reply(unit, signing=lambda message: key.sign(message + b"x"), algorithm=algorithm))
    others = {Algorithm.EDDSA: Algorithm.ML_DSA_65}
    with pytest.raises(TokenRefused, match=r"weak or unknown|cannot be read"):
        read(reply(unit, signing=key.sign, algorithm=others.get(algorithm, Algorithm.EDDSA)))


@pytest.mark.parametrize(
    ("why", "der"),
    [
        ("something else", reply(GOOD, order=ImprintOrder("sha256", b"e" * 32, 77, with_certificates=True))),
        ("something else", reply(GOOD, order=ImprintOrder("sha512", b"d" * 64, 77, with_certificates=True))),
        ("nonce", reply(GOOD, order=ImprintOrder("sha256", b"d" * 32, 78, with_certificates=True))),
        ("nonce", reply(GOOD, order=ImprintOrder("sha256", b"d" * 32, None, with_certificates=True))),
        ("from ours", reply(GOOD, gen_time=AT + 301)),
        ("from ours", reply(GOOD, gen_time=AT - 301)),
        ("alone", reply(certificate("TSA", UNIT_KEY, ([TIME_STAMPING], False)))),
        ("alone", reply(certificate("TSA", UNIT_KEY, ([TIME_STAMPING, CLIENT], True)))),
        ("alone", reply(certificate("TSA", UNIT_KEY, ([CLIENT], True)))),
        ("not for time stamps", reply(certificate("TSA", UNIT_KEY, None))),
        ("not valid at that time", reply(certificate("TSA", UNIT_KEY, ([TIME_STAMPING], True), days=1))),
        ("no anchor", reply(certificate("TSA", UNIT_KEY, ([TIME_STAMPING], True), issuer="Khác"))),
        ("no anchor", reply(certificate("TSA", UNIT_KEY, ([TIME_STAMPING], True), issuer_key=UNIT_KEY))),
        ("signature is not valid", reply(certificate("TSA", KEY, ([TIME_STAMPING], True)))),
        ("refused", rejected(Rejection("time_not_available", "clock"))),
        ("cannot be read", b"nonsense"),
        ("cannot be read", b""),
        ("too long", b"\x30" * 70_000),
        (
            "did not come along|cannot be read|signer",
            reply(GOOD, order=replace(ORDER, with_certificates=False)),
        ),
    ],
)
def test_token_that_does_not_count(why: str, der: bytes) -> None:
    with pytest.raises(TokenRefused, match=why):
        read(der)


def test_leaf_is_no_authority() -> None:
    """Whoever holds a leaf of the anchor cannot make a time-stamping unit under it."""
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    leaf = certificate("Người", leaf_key, ([TIME_STAMPING], True))
    forged = certificate("TSA", UNIT_KEY, ([TIME_STAMPING], True), issuer="Người", issuer_key=leaf_key)
    with pytest.raises(TokenRefused, match="no anchor"):
        read(reply(forged, chain=(leaf,)))


def test_swapped_octets_of_the_signature() -> None:
    """As in clients that never looked at it (X78): of every octet near the end, none may be changed."""
    whole = reply(GOOD)
    for at in range(len(whole) - 64, len(whole)):
        with pytest.raises(TokenRefused):
            read(whole[:at] + bytes((whole[at] ^ 0x01,)) + whole[at + 1 :])


# ── The pool ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def held(make_base: Callable[..., BaseServices], tmp_path: Path) -> Keys:
    anchors = tmp_path / "anchors.pem"
    anchors.write_bytes(x509.load_der_x509_certificate(ROOT).public_bytes(Encoding.PEM))
    settings = KeysSettings(
        rsa_key_bits=2048,
        external_tsas="http://dead.example/ http://liar.example/ http://good.example/",
        external_tsa_anchors_file=str(anchors),
    )
    return open_ready_keys(make_base(settings))


def outside(held: Keys, monkeypatch: pytest.MonkeyPatch, answers: dict[str, Callable[[bytes], Answer]]) -> list[str]:
    asked: list[str] = []

    def post(_self: object, url: str, data: bytes, *, headers: object = None) -> Answer:
        asked.append(url)
        if url not in answers:
            raise OutboundRefused("outbound_failed", en="The address did not answer.")
        return answers[url](data)

    monkeypatch.setattr(type(held.custody.base.http), "post", post)
    return asked


def stamped(data: bytes) -> Answer:
    from asn1crypto import tsp

    nonce = tsp.TimeStampReq.load(data)["nonce"].native
    order = ImprintOrder("sha256", b"d" * 32, nonce, with_certificates=True)
    return Answer(200, "application/timestamp-reply", reply(GOOD, order=order))


def test_the_first_that_counts(held: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = {"http://liar.example/": lambda _data: Answer(200, "", reply(GOOD))}  # with a nonce of its own
    asked = outside(held, monkeypatch, {**liar, "http://good.example/": stamped})
    assert GOOD in held.timestamp(b"d" * 32)
    assert asked == ["http://dead.example/", "http://liar.example/", "http://good.example/"]


def test_all_dead_fails_the_request(held: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own unit would be there; nobody asked for its stamp."""
    outside(held, monkeypatch, {"http://liar.example/": lambda _data: Answer(500, "", b"")})
    with pytest.raises(KeysUnavailable) as refused:
        held.timestamp(b"d" * 32)
    assert refused.value.status == 503
