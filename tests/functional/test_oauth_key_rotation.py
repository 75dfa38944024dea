"""
Keys change under the eyes of a service that keeps the key set as long as it may, and not a second longer: whatever it
is given, it can verify.

CR-12, F25. The strictest reader there is: it never fetches anew because a `kid` is unknown to it.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest

from base.clock import FixedClock
from base.services import BaseServices
from idp.settings import IdpSettings
from keys.api import TokenType
from keys.errors import KeyRefused
from keys.services import jobs
from keys.settings import KeysSettings
from tests.proofs import ISSUER
from tests.provider import Provider, Registered, open_provider

HOUR = 3600
ALGORITHMS = ["ES256", "EdDSA", "PS256", "RS256"]
SETTINGS = (
    IdpSettings(argon2_memory_kib=1024, argon2_time_cost=1),
    KeysSettings(
        rsa_key_bits=2048,
        token_key_rotation_seconds=2 * HOUR,
        token_key_overlap_seconds=HOUR,
        retired_key_published_seconds=HOUR,
    ),
)


@dataclass
class Reader:
    """A service that keeps the key set until its max-age is over."""

    provider: Provider
    clock: FixedClock
    keys: dict[str, Any] = field(default_factory=dict)
    fresh_until: float = 0
    verified: int = 0
    fetched: int = 0
    seen: set[str] = field(default_factory=set)

    def key(self, kid: str) -> Any:
        if self.clock.now() >= self.fresh_until:
            answer = self.provider.ask("/jwks")
            age = re.search(r"max-age=(\d+)", answer.headers["Cache-Control"])
            assert age is not None
            self.keys = {key["kid"]: jwt.PyJWK(key) for key in answer.json["keys"] if key["use"] == "sig"}
            self.fresh_until = self.clock.now() + int(age.group(1))
            self.fetched += 1
        return self.keys[kid]

    def verify(self, token: str, audience: str) -> None:
        """Raises: KeyError: the key is not in the kept set; PyJWT's errors."""
        kid = jwt.get_unverified_header(token)["kid"]
        key = self.key(kid)
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        claims = jwt.decode(token, key, [key.algorithm_name], audience=audience, issuer=ISSUER, options=options)
        assert claims["exp"] > self.clock.now()
        self.verified += 1
        self.seen.add(kid)


@pytest.fixture
def provider(make_base: Callable[..., BaseServices]) -> Provider:
    return open_provider(make_base(*SETTINGS))


def issued(provider: Provider, client: Registered, cookie: str) -> list[str]:
    tokens = provider.redeem(client, provider.code(client, cookie)).json
    return [tokens["id_token"], tokens["access_token"]]


def test_no_verification_fails_while_every_key_rotates(provider: Provider, clock: FixedClock) -> None:
    """
    Ten hours in steps of two minutes: each key rotates four times by the job alone, and each token is verified at every
    step of its life. (In steps of a minute with nine tokens each it is 50,000 verifications.)
    """
    clients = {alg: provider.client(trusted=True, id_token_signed_response_alg=alg) for alg in ALGORITHMS}
    rotate = next(job for job in jobs(provider.services.keys) if job.name == "rotate keys")
    reader, living = Reader(provider, clock), deque[tuple[str, str, int]]()
    user_id = provider.person()
    for minute in range(0, 600, 2):
        if minute % 60 == 0:
            rotate.run()
            cookie = provider.session(user_id)
        alg = ALGORITHMS[minute // 2 % 4]
        now, client = clock.now(), clients[alg]
        id_token, access_token = issued(provider, client, cookie)
        living.append((id_token, client.id, now + 600))
        living.extend((minted(provider, client, now), client.id, now + 600) for _ in range(4))
        assert access_token
        while living[0][2] <= now:
            living.popleft()
        for token, audience, _ in living:
            reader.verify(token, audience)
        clock.move(120)
    assert reader.verified > 7_000
    assert len(reader.seen) >= 4 * 4
    assert reader.fetched <= 600 * 60 / 300 + 1


def minted(provider: Provider, client: Registered, now: int) -> str:
    """One more ID token for that client, without the way there."""
    claims = {"iss": ISSUER, "aud": client.id, "sub": "u", "iat": now, "exp": now + 600}
    return provider.services.keys.sign_jwt(claims, typ=TokenType.ID, alg=client.client.id_token_alg)


@pytest.mark.parametrize("ahead", [0, 60, 300, HOUR])
def test_nobody_keeps_the_key_set_longer_than_keys_are_published_ahead(
    make_base: Callable[..., BaseServices], ahead: int
) -> None:
    settings = (SETTINGS[0], KeysSettings(rsa_key_bits=2048, token_key_overlap_seconds=ahead))
    kept = open_provider(make_base(*settings)).ask("/jwks").headers["Cache-Control"]
    assert kept == f"public, max-age={min(ahead, 300)}"


def test_a_key_that_was_not_published_long_enough_does_not_sign(provider: Provider, clock: FixedClock) -> None:
    keys = provider.services.keys
    for alg in ALGORITHMS:
        with pytest.raises(KeyRefused, match="too_early"):
            keys.rotate("token", alg)
    published = {key["kid"] for key in json.loads(keys.jwks())["keys"]}
    clock.move(HOUR)
    for alg in ALGORITHMS:
        assert keys.rotate("token", alg) in published
