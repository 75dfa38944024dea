"""
One approval, one permit: many activations, each presented by 8 threads at once, on PostgreSQL.

First a naive build (look, then insert) is shown to fail under the same load, so that a green result means something.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, String, Table, func, insert, select

import keys.models  # noqa: F401  # its tables are created below
from base import audit
from base.clock import FixedClock
from base.db import metadata
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings
from keys.api import Credential, Keys, PersonSubject, TokenType
from keys.errors import KeyRefused
from keys.models import key_activations
from keys.services import open_keys
from keys.settings import KeysSettings
from tests.contract.races import PARALLEL, ROUNDS

pytestmark = [pytest.mark.race, pytest.mark.pg, pytest.mark.slow]
ISSUER = "http://localhost:8000"
DIGEST = hashlib.sha256(b"document").hexdigest()

naive_activations = Table(
    "naive_activations",
    metadata.__class__(),
    Column("row", String(40), primary_key=True),
    Column("jti", String(120), nullable=False),
)


@pytest.fixture
def services(pg_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[BaseServices]:
    settings = BaseSettings(database_url=pg_url, data_dir=tmp_path / "var", threads=PARALLEL)
    groups = (settings, KeysSettings(rsa_key_bits=2048))
    opened = open_base(Settings({type(group): group for group in groups}), clock=clock)
    metadata.create_all(opened.db.engine)
    naive_activations.metadata.create_all(opened.db.engine)
    yield opened
    opened.db.close()


def doubles(names: list[str], present: Callable[[str], bool]) -> tuple[int, int]:
    """How many names were accepted more than once, and how many never, when PARALLEL threads present each together."""
    accepted = dict.fromkeys(names, 0)
    gate, lock, faults = threading.Barrier(PARALLEL), threading.Lock(), []

    def contender() -> None:
        for name in names:
            gate.wait(timeout=60)
            try:
                won = present(name)
            except Exception as error:  # a fault in a thread must end the test, not hide
                faults.append(error)
                gate.abort()
                raise
            if won:
                with lock:
                    accepted[name] += 1

    threads = [threading.Thread(target=contender) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return sum(count > 1 for count in accepted.values()), sum(count == 0 for count in accepted.values())


def test_looking_before_inserting_gives_doubles(services: BaseServices) -> None:
    """The naive build: it sees 'unspent' in several threads at once, and each of them goes on to sign."""
    counter = iter(range(1_000_000))

    def naive(jti: str) -> bool:
        with services.db.begin() as connection:
            seen = connection.execute(select(naive_activations.c.jti).where(naive_activations.c.jti == jti)).first()
            if seen is not None:
                return False
            connection.execute(insert(naive_activations), {"row": str(next(counter)), "jti": jti})
            return True

    twice, _ = doubles([f"naive-{number}" for number in range(100)], naive)
    assert twice > 0


def test_no_activation_is_spent_twice(services: BaseServices, clock: FixedClock) -> None:
    held = open_keys(services)
    owned = held.enrol_person(PersonSubject("owner-1", "Đỗ Văn Em", "UBND phường", ""))
    tokens = {f"approval-number-{number}": _token(held, owned, clock, number) for number in range(ROUNDS)}

    def spend(jti: str) -> bool:
        try:
            held.spend_activation(tokens[jti], handle=owned.handle, document_digest=DIGEST)
        except KeyRefused as error:
            if error.code != "activation_spent":
                raise
            return False
        return True

    assert doubles(list(tokens), spend) == (0, 0)
    with services.db.read() as connection:
        rows = connection.execute(select(func.count()).select_from(key_activations)).scalar_one()
        events = connection.execute(
            select(func.count()).where(audit.audit_events.c.kind == "keys.activation.spent")
        ).scalar_one()
    assert (rows, events) == (ROUNDS, ROUNDS)
    audit.verify(services.db)


def _token(held: Keys, owned: Credential, clock: FixedClock, number: int) -> str:
    now = clock.now()
    listed = {"hash": base64.b64encode(bytes.fromhex(DIGEST)).decode(), "label": "văn bản", "hashType": "SDR"}
    detail = {
        "type": "https://cloudsignatureconsortium.org/2025/credential",
        "credentialID": owned.handle,
        "numSignatures": 1,
        "documentDigests": [listed],
        "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
    }
    claims = {
        "iss": ISSUER,
        "sub": owned.owner,
        "aud": f"{ISSUER}/desk",
        "jti": f"approval-number-{number}",
        "iat": now,
        "exp": now + 600,
        "acr": "urn:vn:xt:2",
        "auth_time": now,
        "otp_time": now,
        "authorization_details": [detail],
    }
    return held.sign_jwt(claims, typ=TokenType.ACCESS)
