"""
Rotation while others sign and verify, in two processes' worth of caches on one database: no verification fails.

CR-12. Each `Keys` has its own database pool, counters and snapshot, as a server process has.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

import keys.models  # noqa: F401  # its tables are created below
from base.clock import SystemClock
from base.db import metadata
from base.errors import AntinError
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings
from keys.api import KeyHandle, Keys, RevocationReason, TokenType
from keys.services import open_keys
from keys.settings import KeysSettings

ISSUER = "http://localhost:8000"
Open = Callable[[], Keys]


@pytest.fixture
def another(db_url: str, tmp_path: Path) -> Iterator[Open]:
    """`another()` → keys as one more process would open them."""
    opened: list[BaseServices] = []
    lock = threading.Lock()

    def make() -> Keys:
        groups = (BaseSettings(database_url=db_url, data_dir=tmp_path / "var"), KeysSettings(rsa_key_bits=2048))
        services = open_base(Settings({type(group): group for group in groups}), clock=SystemClock())
        with lock:
            opened.append(services)
            metadata.create_all(services.db.engine)
        return open_keys(services)

    yield make
    for services in opened:
        services.db.close()


def test_first_start_of_many_at_once(another: Open) -> None:
    """Eight processes open an empty database together: one set of keys, one root, and everybody uses it."""
    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(lambda _: another(), range(8)))
    for one in started:
        one.custody.ring.refresh()
    assert len({tuple(one.trust_anchors()) for one in started}) == 1
    assert len({tuple(one.issuer_certificates()) for one in started}) == 1
    assert len({one.jwks() for one in started}) == 1
    assert len(started[0].list_keys()) == 14
    assert all(one.ready() for one in started)
    tokens = [one.sign_jwt(_claims(), typ=TokenType.ID) for one in started]
    for one in started:
        for token in tokens:
            one.verify_own_jwt(token, typ=TokenType.ID, issuer=ISSUER)


def test_no_verification_fails_while_keys_rotate(another: Open) -> None:
    first, second = another(), another()
    stop, failures, verified = threading.Event(), [], [0, 0]
    cached: list[bytes] = [second.jwks()]

    def sign_and_verify(number: int, signer: Keys, verifier: Keys) -> None:
        while not stop.is_set():
            token = signer.sign_jwt(_claims(), typ=TokenType.ACCESS)
            try:
                verifier.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=ISSUER)
            except AntinError as error:
                failures.append(f"{number}: {error}")
            verified[number] += 1

    threads = [
        threading.Thread(target=sign_and_verify, args=(0, first, second)),
        threading.Thread(target=sign_and_verify, args=(1, second, first)),
    ]
    for thread in threads:
        thread.start()
    for turn in range(12):
        (first, second)[turn % 2].rotate("token", "ES256", force=True)
        cached.append((first, second)[turn % 2].jwks())
        stop.wait(0.15)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert min(verified) > 100
    # A relying party that fetched the key set before the last rotation knows the key that signs now.
    token = first.sign_jwt(_claims(), typ=TokenType.ID)
    published_before = {key["kid"] for key in json.loads(cached[-2])["keys"]}
    assert jwt.get_unverified_header(token)["kid"] in published_before


def test_rotations_at_once(another: Open) -> None:
    """Eight rotations together: some go through, none leaves two active keys or none."""
    many = [another() for _ in range(4)]
    gate = threading.Barrier(8)

    def rotate(number: int) -> str:
        gate.wait()
        try:
            return str(many[number % 4].rotate("token", "ES256", force=True))
        except AntinError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(rotate, range(8)))
    assert {one for one in outcomes if not one.startswith("key_")} <= {"busy"}
    assert any(one.startswith("key_") for one in outcomes)
    states = [one.state for one in many[0].list_keys() if (one.purpose, one.algorithm) == ("token", "ES256")]
    assert states.count("active") == 1
    assert states.count("next") == 1


def test_change_is_noticed_within_a_second(another: Open) -> None:
    first, second = another(), another()
    second.jwks()
    first.rotate("token", "RS256", force=True)
    threading.Event().wait(1.0)
    assert second.jwks() == first.jwks()


def test_a_compromised_key_is_out_of_every_process_within_a_second(another: Open) -> None:
    first, second = another(), another()
    token = second.sign_jwt(_claims(), typ=TokenType.ACCESS)
    second.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=ISSUER)
    kid = jwt.get_unverified_header(token)["kid"]
    first.revoke(KeyHandle(kid), RevocationReason.KEY_COMPROMISE)
    threading.Event().wait(1.0)
    with pytest.raises(AntinError, match="key_unknown"):
        second.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=ISSUER)
    assert kid.encode() not in second.jwks()
    assert jwt.get_unverified_header(second.sign_jwt(_claims(), typ=TokenType.ACCESS))["kid"] != kid


def test_so_is_one_that_was_retired_before(another: Open) -> None:
    first, second = another(), another()
    token = first.sign_jwt(_claims(), typ=TokenType.ACCESS)
    first.rotate("token", "ES256", force=True)
    threading.Event().wait(1.0)
    second.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=ISSUER)
    first.revoke(KeyHandle(jwt.get_unverified_header(token)["kid"]), RevocationReason.KEY_COMPROMISE)
    threading.Event().wait(1.0)
    with pytest.raises(AntinError, match="key_unknown"):
        second.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=ISSUER)


def test_one_of_eight_emergencies_at_once_goes_through(another: Open) -> None:
    many = [another() for _ in range(4)]
    kid = KeyHandle(many[0].custody.ring.current().signer("ES256").kid)
    gate = threading.Barrier(8)

    def revoke(number: int) -> str:
        gate.wait()
        try:
            many[number % 4].revoke(kid, RevocationReason.KEY_COMPROMISE)
        except AntinError as error:
            return error.code
        return "revoked"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(revoke, range(8)))
    assert outcomes.count("revoked") == 1
    assert set(outcomes) <= {"revoked", "busy", "already_revoked"}
    states = [one.state for one in many[0].list_keys() if (one.purpose, one.algorithm) == ("token", "ES256")]
    assert sorted(states) == ["active", "next", "revoked"]


def _claims() -> dict[str, object]:
    now = SystemClock().now()
    return {"iss": ISSUER, "sub": "u", "iat": now, "exp": now + 600}
