"""First start, rotation, and what is left of a key at each station of its life."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from base import audit
from base.clock import FixedClock
from base.services import BaseServices
from keys import models
from keys.api import Keys, TokenType
from keys.errors import JoseError, KeyRefused, KeysUnavailable, SealError
from keys.handles import KeyManagement
from keys.lifecycle.states import MOVES, State, check_move
from keys.services import jobs, open_keys
from tests.unit.keys.conftest import ISSUER, SETTINGS


def states(held: Keys) -> dict[str, str]:
    return {one.handle: one.state for one in held.list_keys() if one.purpose == "token" and one.algorithm == "ES256"}


def kids(held: Keys) -> set[str]:
    return {key["kid"] for key in json.loads(held.jwks())["keys"]}


def test_second_start_makes_nothing(services: BaseServices) -> None:
    held = open_keys(services)
    again = open_keys(services)
    assert again.list_keys() == held.list_keys()
    assert again.trust_anchors() == held.trust_anchors()
    assert sorted(one.purpose for one in held.list_keys()) == [
        *["encryption"] * 4,
        "issuing",
        "ocsp",
        "root",
        *["token"] * 6,
        "tsu",
    ]
    assert audit.verify(services.db) == 20  # fourteen keys, four certificates, two revocation lists


def test_rotation_goes_through_its_states(held: Keys, claims: dict[str, Any], services: BaseServices) -> None:
    old = held.sign_jwt(claims, typ=TokenType.ID)
    before = states(held)
    active = held.rotate("token", "ES256", force=True)
    after = states(held)
    assert before[active] == "next"
    assert sorted(after.values()) == ["active", "next", "retired"]
    assert after[active] == "active"
    assert kids(held) >= set(after)  # the retired key stays published
    assert held.verify_own_jwt(old, typ=TokenType.ID, issuer=ISSUER) == claims
    assert held.verify_own_jwt(held.sign_jwt(claims, typ=TokenType.ID), typ=TokenType.ID, issuer=ISSUER) == claims
    audit.verify(services.db)


def test_private_part_is_erased_when_a_key_retires(held: Keys, services: BaseServices) -> None:
    held.rotate("token", "ES256", force=True)
    with services.db.read() as connection:
        rows = connection.execute(select(models.keys.c.state, models.keys.c.stored)).all()
    assert [row.stored for row in rows if row.state == "retired"] == [None]
    assert all(row.stored for row in rows if row.state != "retired")


def test_next_key_must_be_known_before_it_signs(held: Keys, clock: FixedClock) -> None:
    with pytest.raises(KeyRefused, match="too_early"):
        held.rotate("token", "RS256")
    clock.move(SETTINGS.token_key_overlap_seconds)
    held.rotate("token", "RS256")


@pytest.mark.parametrize(
    ("purpose", "alg"),
    [
        ("root", "ES256"),
        ("issuing", "ES256"),
        ("person", "ES256"),
        ("token", "RS512"),
        ("token", "ECDH-ES"),
        ("encryption", "ES256"),
        ("encryption", "RSA1_5"),
        ("token", "none"),
        ("tsu", "ECDH-ES"),
        ("", ""),
    ],
)
def test_what_does_not_rotate(held: Keys, purpose: str, alg: str) -> None:
    with pytest.raises(KeyRefused):
        held.rotate(purpose, alg, force=True)


def test_job_publishes_the_next_keys_that_the_start_left_out(held: Keys, clock: FixedClock) -> None:
    rotate = next(job for job in jobs(held) if job.name == "rotate keys")
    rotate.run()
    rotate.run()
    published = [key["alg"] for key in json.loads(held.jwks())["keys"] if key["use"] == "sig"]
    assert sorted(published) == sorted(["ES256", "EdDSA", "PS256", "RS256"] * 2)
    clock.move(SETTINGS.token_key_overlap_seconds)
    for alg in ("PS256", "EdDSA", "RS256"):
        held.rotate("token", alg)


def test_key_without_a_next_one_waits_for_it_to_be_met(held: Keys, clock: FixedClock) -> None:
    """Asked to rotate before the job came by: the next key is published now, and takes over after the overlap."""
    with pytest.raises(KeyRefused, match="too_early"):
        held.rotate("token", "PS256")
    clock.move(SETTINGS.token_key_overlap_seconds)
    held.rotate("token", "PS256")


def test_job_rotates_and_removes_in_time(held: Keys, clock: FixedClock, claims: dict[str, Any]) -> None:
    old = held.sign_jwt(claims, typ=TokenType.ID)
    rotate = next(job for job in jobs(held) if job.name == "rotate keys")
    rotate.run()
    assert sorted(states(held).values()) == ["active", "next"]
    clock.move(SETTINGS.token_key_rotation_seconds)
    rotate.run()
    assert sorted(states(held).values()) == ["active", "next", "retired"]
    clock.move(SETTINGS.retired_key_published_seconds - 1)
    rotate.run()
    assert held.verify_own_jwt(old, typ=TokenType.ID, issuer=ISSUER, allow_expired=True) == claims
    clock.move(1)
    rotate.run()
    assert "gone" in states(held).values()
    again = Keys(held.custody)
    again.custody.ring.refresh()
    with pytest.raises(Exception, match="key_unknown"):
        again.verify_own_jwt(old, typ=TokenType.ID, issuer=ISSUER, allow_expired=True)


@pytest.mark.parametrize("alg", list(KeyManagement))
def test_an_encryption_key_is_replaced_and_the_old_one_still_opens(
    held: Keys, services: BaseServices, clock: FixedClock, alg: KeyManagement
) -> None:
    cached = json.loads(held.jwks())
    sent = held.encrypt("a.b.c", cached, alg=alg, enc="A256GCM")
    new = held.rotate("encryption", alg)
    published = {key["kid"]: key for key in json.loads(held.jwks())["keys"] if key.get("alg") == alg}
    assert list(published) == [new]
    assert held.decrypt(sent) == "a.b.c"
    assert held.decrypt(held.encrypt("a.b.c", cached, alg=alg, enc="A128GCM")) == "a.b.c"
    rotate = next(job for job in jobs(held) if job.name == "rotate keys")
    clock.move(SETTINGS.retired_key_published_seconds)
    rotate.run()
    with pytest.raises(JoseError, match="not_decrypted"):
        held.decrypt(held.encrypt("a.b.c", cached, alg=alg, enc="A128GCM"))
    with services.db.read() as connection:
        rows = connection.execute(select(models.keys.c.state, models.keys.c.stored, models.keys.c.purpose)).all()
    assert all((row.stored is None) == (row.state == "gone") for row in rows if row.purpose == "encryption")
    audit.verify(services.db)


def test_encryption_keys_rotate_in_time(held: Keys, clock: FixedClock) -> None:
    rotate = next(job for job in jobs(held) if job.name == "rotate keys")
    before = {key["kid"] for key in json.loads(held.jwks())["keys"] if key["use"] == "enc"}
    rotate.run()
    assert {key["kid"] for key in json.loads(held.jwks())["keys"] if key["use"] == "enc"} == before
    clock.move(SETTINGS.token_key_rotation_seconds)
    rotate.run()
    after = {key["kid"] for key in json.loads(held.jwks())["keys"] if key["use"] == "enc"}
    assert len(after) == 4
    assert not after & before


def test_an_encryption_key_whose_row_was_swapped_is_not_used(held: Keys, services: BaseServices) -> None:
    table = models.keys
    with services.db.begin() as connection:
        wanted = select(table).where(table.c.purpose == "encryption", table.c.algorithm.like("ECDH%"))
        one, other, _ = connection.execute(wanted).all()
        connection.execute(update(table).where(table.c.handle == one.handle).values(public_key=other.public_key))
    with pytest.raises(KeysUnavailable):
        open_keys(services)


def test_moves() -> None:
    for old in State:
        for new in State:
            if new in MOVES[old]:
                check_move(old, new)
            else:
                with pytest.raises(KeyRefused, match="wrong_state"):
                    check_move(old, new)


def test_row_whose_keys_were_swapped_is_not_used(held: Keys, services: BaseServices) -> None:
    """Somebody with write access to the database puts the public key of one row beside the private key of another."""
    table = models.keys
    with services.db.begin() as connection:
        rows = connection.execute(select(table).where(table.c.algorithm == "ES256", table.c.purpose == "token")).all()
        active = next(row for row in rows if row.state == "active")
        other = next(row for row in rows if row.state == "next")
        connection.execute(update(table).where(table.c.handle == active.handle).values(public_key=other.public_key))
    with pytest.raises(KeysUnavailable):
        open_keys(services)
    with services.db.begin() as connection:
        connection.execute(
            update(table)
            .where(table.c.handle == active.handle)
            .values(public_key=active.public_key, stored=other.stored)
        )
    with pytest.raises(SealError):
        open_keys(services)


def test_other_master_key_stops_the_start(held: Keys, services: BaseServices) -> None:
    path = services.base.data_dir / "keys" / "master.key"
    path.write_text("A" * 43)
    with pytest.raises(SealError):
        open_keys(services)


def test_tsu_is_replaced(held: Keys) -> None:
    first = held.timestamp(b"0" * 32)
    held.rotate("tsu", "ES256")
    second = held.timestamp(b"0" * 32)
    assert first
    assert second
    assert sorted(one.state for one in held.list_keys() if one.purpose == "tsu") == ["active", "retired"]
