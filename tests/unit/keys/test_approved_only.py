"""CR-17: in approved mode every use of an algorithm that is not approved is an error, and the others go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update

from base.errors import StartError
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import Keys, PersonSubject, TokenType
from keys.backends import open_backends
from keys.ca.order import Profile
from keys.errors import JoseError, KeyRefused
from keys.flows.subscribers import Subscription, issue_for_request, issue_inside
from keys.handles import KeyHandle, KeyManagement
from keys.lifecycle.approved import APPROVED, NOT_APPROVED, approved_among, check_approved
from keys.lifecycle.states import Purpose
from keys.models import keys as key_table
from keys.sealing import MasterKey
from keys.services import open_keys
from keys.settings import KeysSettings
from keys.store import keys as key_rows
from tests.proofs import HeldKey
from tests.ready_keys import open_ready_keys
from tests.unit.keys.conftest import ISSUER

APPROVED_ONLY = KeysSettings(rsa_key_bits=2048, approved_only=True)
ANY = KeysSettings(rsa_key_bits=2048)
ALGS = ("ES256", "PS256", "EdDSA")
SIGNING = [str(one) for one in Algorithm]
LAN = PersonSubject("owner-1", "Nguyễn Thị Lan", "UBND phường", "")


@pytest.fixture
def strict(make_base: Callable[..., BaseServices]) -> Keys:
    return open_ready_keys(make_base(APPROVED_ONLY))


def test_every_algorithm_is_decided_upon() -> None:
    everything = {*SIGNING, *map(str, KeyManagement)}
    assert APPROVED.keys() | NOT_APPROVED.keys() == everything
    assert not APPROVED.keys() & NOT_APPROVED.keys()
    assert approved_among(["EdDSA", "ES256", "ES256K", "none"]) == ["ES256"]


@pytest.mark.parametrize("algorithm", [*NOT_APPROVED, "ES256K", "none", "es256", ""])
def test_what_is_not_in_the_table_is_refused(algorithm: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        check_approved(algorithm)
    assert (refused.value.code, refused.value.status) == ("not_approved", 422)


def test_no_such_key_is_made_or_opened_behind_the_door(tmp_path: Any) -> None:
    """The back end refuses by itself, whoever forgot to ask."""
    master = MasterKey(b"m" * 32)
    usual, strict = (open_backends(master, settings, tmp_path)["software"] for settings in (ANY, APPROVED_ONLY))
    made = usual.generate(KeyHandle("key_test"), Algorithm.EDDSA)
    with pytest.raises(KeyRefused, match="not_approved"):
        strict.generate(KeyHandle("key_other"), Algorithm.EDDSA)
    with pytest.raises(KeyRefused, match="not_approved"):
        strict.open(made.handle, Algorithm.EDDSA, made.stored)
    assert not {Algorithm.EDDSA, Algorithm.ML_DSA_44, Algorithm.ML_DSA_65, Algorithm.ML_DSA_87} & strict.algorithms
    good = strict.generate(KeyHandle("key_good"), Algorithm.ES384)
    assert strict.open(good.handle, Algorithm.ES384, good.stored).sign(b"message")
    assert "approved" in strict.describe()


def test_a_new_installation_has_no_such_key(make_base: Callable[..., BaseServices]) -> None:
    opened = open_keys(make_base(APPROVED_ONLY))
    with opened.custody.base.db.read() as connection:
        algorithms = {str(row.algorithm) for row in key_rows.every(connection)}
    assert algorithms == APPROVED.keys() - {"ES384", "ES512"}
    assert opened.ready()


@pytest.mark.parametrize("alg", ["EdDSA", "ML-DSA-65"])
def test_nothing_is_signed_with_it(strict: Keys, claims: dict[str, Any], alg: str) -> None:
    for attempt in (
        lambda: strict.sign_jwt(claims, typ=TokenType.ACCESS, alg=alg),
        lambda: strict.provide_token_key(alg),
        lambda: issue_inside(strict.custody, Subscription(Profile.PERSON, LAN, algorithm=Algorithm(alg))),
    ):
        with pytest.raises(KeyRefused, match="not_approved"):
            attempt()
    assert strict.sign_jwt(claims, typ=TokenType.ACCESS, alg="PS256")
    strict.provide_token_key("ES384")
    assert strict.sign_jwt(claims, typ=TokenType.ACCESS, alg="ES384")


def test_an_installation_that_had_one(make_base: Callable[..., BaseServices], claims: dict[str, Any]) -> None:
    """Turned on later: the key is not published any more, what it has signed is by an unknown key, all else stays."""
    before = open_ready_keys(make_base(ANY))
    tokens = {alg: before.sign_jwt(claims, typ=TokenType.ACCESS, alg=alg) for alg in ("EdDSA", "ES256", "RS256")}
    after = open_keys(make_base(APPROVED_ONLY))
    assert after.ready()
    assert {one["alg"] for one in json.loads(before.jwks())["keys"]} - {
        one["alg"] for one in json.loads(after.jwks())["keys"]
    } == {"EdDSA"}
    with pytest.raises(JoseError) as refused:
        after.verify_own_jwt(tokens.pop("EdDSA"), typ=TokenType.ACCESS, issuer=ISSUER)
    assert refused.value.code == "key_unknown"
    for token in tokens.values():
        assert after.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=ISSUER)["sub"] == "u1"


def test_what_others_have_signed_with_it_is_refused(strict: Keys, held: Keys) -> None:
    for alg, is_approved in (("EdDSA", False), ("ES256", True)):
        key = HeldKey(alg)
        assertion = key.assertion("client", strict.custody.base.clock.now())["client_assertion"]
        for keys, accepts in ((held, True), (strict, is_approved)):
            wanted = "" if accepts else "alg_refused"
            assert _said_of_token(keys, key, assertion) == wanted, alg
            assert _said_of_proof(keys, key) == wanted, alg


def _said_of_token(keys: Keys, key: HeldKey, token: str) -> str:
    try:
        keys.verify_jwt_with(token, key.jwks, algs=ALGS, typ=None, issuer="client", audience=ISSUER)
    except JoseError as error:
        return error.code
    return ""


def _said_of_proof(keys: Keys, key: HeldKey) -> str:
    try:
        keys.verify_possession(key.proof("/token", 0), algs=ALGS, typ="dpop+jwt")
    except JoseError as error:
        return error.code
    return ""


def test_such_a_key_is_not_certified(strict: Keys) -> None:
    order = Subscription(Profile.PERSON, LAN)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    edwards = request.sign(ed25519.Ed25519PrivateKey.generate(), None).public_bytes(Encoding.DER)
    with pytest.raises(KeyRefused, match="not_approved"):
        issue_for_request(strict.custody, order, edwards)
    p384 = request.sign(ec.generate_private_key(ec.SECP384R1()), SHA256()).public_bytes(Encoding.DER)
    assert issue_for_request(strict.custody, order, p384).der


def test_a_service_key_that_is_not_approved_stops_the_start(make_base: Callable[..., BaseServices]) -> None:
    base = make_base(ANY)
    open_ready_keys(base)
    with base.db.begin() as connection:
        change = update(key_table).where(key_table.c.purpose == Purpose.TSU).values(algorithm="MLDSA65")
        connection.execute(change)
    with pytest.raises(StartError, match=r"tsu, ML-DSA-65") as refused:
        open_keys(make_base(APPROVED_ONLY))
    assert "APPROVED_ONLY" in refused.value.vi
