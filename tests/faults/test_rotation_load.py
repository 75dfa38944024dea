"""
CR-12, F25: token keys rotate while tokens are made, and a service that keeps our key set as long as it may verifies
every one of them with a library of its own: 50,000 verifications, none fails.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import jwt
import pytest

from base.db import Database, metadata
from keys.api import Keys, TokenType
from tests.dying import open_here

VERIFICATIONS = 50_000
OVERLAP_SECONDS = 2.0
"""In place of the hour: the next key is published so long before it signs, and a service keeps the set less long."""


class Service:
    """A relying party: fetches the key set, keeps it, and looks again when that is too old or a `kid` is unknown."""

    def __init__(self, source: Keys) -> None:
        self._source = source
        self._fetched = float("-inf")
        self._keys: dict[str, jwt.PyJWK] = {}
        self.fetches = 0

    def verify(self, token: str) -> None:
        """Raises: whatever PyJWT does; KeyError: the kid is in no set."""
        if time.monotonic() - self._fetched > OVERLAP_SECONDS / 2:
            self._keys = {
                one["kid"]: jwt.PyJWK(one) for one in json.loads(self._source.jwks())["keys"] if one["use"] == "sig"
            }
            self._fetched, self.fetches = time.monotonic(), self.fetches + 1
        header = jwt.get_unverified_header(token)
        jwt.decode(token, self._keys[header["kid"]], algorithms=["ES256"], options={"verify_aud": False})


@pytest.mark.slow
def test_no_verification_of_fifty_thousand_fails(db_url: str, tmp_path: Path) -> None:
    database = Database(db_url)
    metadata.create_all(database.engine)
    database.close()
    signer, other = (
        open_here(db_url, tmp_path / "var", token_key_overlap_seconds=int(OVERLAP_SECONDS)) for _ in range(2)
    )
    stop, failures, rotations = threading.Event(), [], [0]

    def rotate() -> None:
        while not stop.wait(OVERLAP_SECONDS + 0.5):
            other.rotate("token", "ES256")
            rotations[0] += 1

    turning = threading.Thread(target=rotate)
    turning.start()
    service, now = Service(other), int(time.time())
    claims = {"iss": signer.custody.issuer, "iat": now, "exp": now + 86_400}
    kids: set[str] = set()
    for number in range(VERIFICATIONS):
        token = signer.sign_jwt(claims, typ=TokenType.ACCESS)
        kids.add(jwt.get_unverified_header(token)["kid"])
        try:
            service.verify(token)
        except Exception as error:
            failures.append(f"{number}: {error!r}")
    stop.set()
    turning.join()
    print(f"{VERIFICATIONS} verified, {len(failures)} failed; {rotations[0]} rotations, {service.fetches} fetches")
    assert failures == []
    assert rotations[0] >= 3
    assert len(kids) >= 3
    for keys in (signer, other):
        keys.custody.base.db.close()
