"""Emergencies: a key that others may have ends at once; what is destroyed, shown and limited."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from base import audit
from base.clock import FixedClock
from base.errors import StartError
from base.services import BaseServices
from keys import models
from keys.api import Keys, PersonSubject, TokenType
from keys.errors import JoseError, KeyRefused
from keys.flows import end_key, show_key
from keys.flows.rotate import rotate_due
from keys.handles import KeyHandle, RevocationReason
from keys.lifecycle.rotation import check_publication
from keys.lifecycle.states import MOVES, State
from tests.unit.keys.conftest import ISSUER, SETTINGS

COMPROMISED = RevocationReason.KEY_COMPROMISE
PERSON = PersonSubject("owner-1", "Nguyễn Thị Ánh", "Ủy ban nhân dân phường Bến Nghé", "Chủ tịch")


def kids(held: Keys) -> set[str]:
    return {key["kid"] for key in json.loads(held.jwks())["keys"]}


def states(held: Keys, purpose: str, alg: str) -> Counter[str]:
    return Counter(one.state for one in held.list_keys() if (one.purpose, one.algorithm) == (purpose, alg))


def one(held: Keys, purpose: str, alg: str, state: str) -> KeyHandle:
    (found,) = [
        key.handle for key in held.list_keys() if (key.purpose, key.algorithm, key.state) == (purpose, alg, state)
    ]
    return found


def test_what_a_compromised_key_signed_is_refused_at_once(
    held: Keys, claims: dict[str, Any], services: BaseServices
) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ACCESS)
    active, following = (one(held, "token", "ES256", state) for state in ("active", "next"))
    held.revoke(active, COMPROMISED)
    assert active not in kids(held)
    for forgiving in (True, False):
        with pytest.raises(JoseError, match="key_unknown"):
            held.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=ISSUER, allow_expired=forgiving)
    assert one(held, "token", "ES256", "active") == following
    assert states(held, "token", "ES256") == {"active": 1, "next": 1, "revoked": 1}
    again = held.sign_jwt(claims, typ=TokenType.ACCESS)
    assert held.verify_own_jwt(again, typ=TokenType.ACCESS, issuer=ISSUER) == claims
    assert held.ready()
    audit.verify(services.db)


def test_the_private_part_is_erased(held: Keys, services: BaseServices) -> None:
    active = one(held, "token", "ES256", "active")
    held.revoke(active, COMPROMISED)
    with services.db.read() as connection:
        row = connection.execute(select(models.keys).where(models.keys.c.handle == active)).one()
    assert (row.state, row.stored, row.revoked_at) == ("revoked", None, services.clock.now())


def test_a_key_without_a_next_one_is_replaced_all_the_same(held: Keys, claims: dict[str, Any]) -> None:
    held.revoke(one(held, "token", "PS256", "active"), COMPROMISED)  # the first start makes no next one for it
    assert states(held, "token", "PS256") == {"active": 1, "next": 1, "revoked": 1}
    assert held.sign_jwt(claims, typ=TokenType.ID, alg="PS256")


def test_next_and_retired_keys_can_be_compromised_too(held: Keys, claims: dict[str, Any]) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ID)
    held.revoke(one(held, "token", "ES256", "next"), COMPROMISED)
    assert states(held, "token", "ES256") == {"active": 1, "next": 1, "revoked": 1}
    held.rotate("token", "ES256", force=True)
    assert held.verify_own_jwt(token, typ=TokenType.ID, issuer=ISSUER) == claims
    held.revoke(one(held, "token", "ES256", "retired"), COMPROMISED)
    with pytest.raises(JoseError, match="key_unknown"):
        held.verify_own_jwt(token, typ=TokenType.ID, issuer=ISSUER)


def test_a_compromised_encryption_key_opens_nothing(held: Keys) -> None:
    sealed = held.encrypt(b"x", json.loads(held.jwks()), alg="ECDH-ES", enc="A128GCM")
    old = one(held, "encryption", "ECDH-ES", "active")
    held.revoke(old, COMPROMISED)
    with pytest.raises(JoseError):
        held.decrypt(sealed)
    assert old not in kids(held)
    assert held.encrypt(b"x", json.loads(held.jwks()), alg="ECDH-ES", enc="A128GCM")


def test_twice_and_unknown(held: Keys) -> None:
    active = one(held, "token", "ES256", "active")
    held.revoke(active, COMPROMISED)
    with pytest.raises(KeyRefused, match="already_revoked"):
        held.revoke(active, COMPROMISED)
    with pytest.raises(KeyRefused, match="unknown_key"):
        held.revoke(KeyHandle("key_nowhere"), COMPROMISED)


def test_what_fails_half_way_has_not_happened(
    held: Keys, services: BaseServices, claims: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    before = held.list_keys()
    with monkeypatch.context() as broken:
        broken.setattr("keys.flows.withdraw.append", full)
        with pytest.raises(OperationalError):
            held.revoke(one(held, "token", "ES256", "active"), COMPROMISED)
    assert held.list_keys() == before
    assert held.sign_jwt(claims, typ=TokenType.ID)


def test_destroyed_keys_leave_their_row(held: Keys, clock: FixedClock) -> None:
    active = one(held, "token", "ES256", "active")
    with pytest.raises(KeyRefused, match="wrong_state"):
        end_key.destroy(held.custody, active)
    held.revoke(active, COMPROMISED)
    end_key.destroy(held.custody, active)
    assert states(held, "token", "ES256")["gone"] == 1
    with pytest.raises(KeyRefused, match="wrong_state"):
        end_key.destroy(held.custody, active)


def test_a_retired_key_is_kept_while_it_is_needed(held: Keys, clock: FixedClock) -> None:
    held.rotate("token", "ES256", force=True)
    retired = one(held, "token", "ES256", "retired")
    with pytest.raises(KeyRefused, match="still_needed"):
        end_key.destroy(held.custody, retired)
    clock.move(SETTINGS.retired_key_published_seconds)
    end_key.destroy(held.custody, retired)
    held.rotate("token", "ES256", force=True)
    end_key.destroy(held.custody, one(held, "token", "ES256", "retired"), force=True)


def test_authorities_are_not_destroyed_by_one_command(held: Keys) -> None:
    for purpose in ("root", "issuing"):
        with pytest.raises(KeyRefused, match="not_destroyable"):
            end_key.destroy(held.custody, one(held, purpose, "ES256", "active"))


def test_revoked_keys_of_persons_say_so(held: Keys, services: BaseServices) -> None:
    handle = held.enrol_person(PERSON).handle
    held.revoke(handle, RevocationReason.CESSATION)
    assert show_key.show(held.custody, handle)["state"] == "revoked"


def test_limits(held: Keys) -> None:
    handle = held.enrol_person(PERSON).handle
    end_key.limit(held.custody, handle, most=5, until=10)
    shown = show_key.show(held.custody, handle)
    assert (shown["signatures"], shown["most_signatures"], shown["usable_until"]) == (0, 5, 10)
    with pytest.raises(KeyRefused, match="not_limitable"):
        end_key.limit(held.custody, one(held, "token", "ES256", "active"), most=5)


def test_a_limit_on_an_authority_takes_two(held: Keys) -> None:
    custody = replace(held.custody, settings=replace(held.custody.settings, two_person="true"))
    issuing = one(held, "issuing", "ES256", "active")
    before = show_key.show(custody, issuing)
    with pytest.raises(KeyRefused, match="approval_needed"):
        end_key.limit(custody, issuing, most=1)
    assert show_key.show(custody, issuing) == before


def test_an_authority_at_its_limit_certifies_nobody(held: Keys, services: BaseServices) -> None:
    issuing = one(held, "issuing", "ES256", "active")
    used = int(show_key.show(held.custody, issuing)["signatures"])
    end_key.limit(held.custody, issuing, most=used + 1)
    held.enrol_person(PERSON)
    with pytest.raises(KeyRefused, match="limit_reached"):
        held.enrol_person(PERSON)
    assert show_key.show(held.custody, issuing)["signatures"] == used + 1


def test_show_tells_no_private_part(held: Keys, services: BaseServices) -> None:
    active = one(held, "token", "ES256", "active")
    shown = json.dumps(show_key.show(held.custody, active))
    assert "PRIVATE" not in shown
    assert "BEGIN PUBLIC KEY" in shown
    with pytest.raises(KeyRefused, match="unknown_key"):
        show_key.show(held.custody, KeyHandle("key_nowhere"))


def test_the_inventory_counts_every_key_in_use(held: Keys, services: BaseServices) -> None:
    found = show_key.inventory(held.custody)
    assert sum(one["count"] for one in found["keys"]) == len(held.list_keys())
    assert {one["bits"] for one in found["keys"] if one["algorithm"] == "RS256"} == {2048}
    with services.db.begin() as connection:
        connection.execute(update(models.keys).where(models.keys.c.purpose == "tsu").values(state="gone", slot=None))
    assert "tsu" not in {one["purpose"] for one in show_key.inventory(held.custody)["keys"]}


def test_tokens_may_not_outlive_their_keys(held: Keys) -> None:
    held.require_published(SETTINGS.retired_key_published_seconds)
    with pytest.raises(StartError, match="ANTIN_RETIRED_KEY_PUBLISHED_SECONDS"):
        held.require_published(SETTINGS.retired_key_published_seconds + 1)
    with pytest.raises(StartError):
        check_publication(longest_token_seconds=2, published_seconds=1)


def test_the_job_leaves_revoked_keys_alone(held: Keys, clock: FixedClock) -> None:
    held.revoke(one(held, "token", "ES256", "active"), COMPROMISED)
    clock.move(SETTINGS.retired_key_published_seconds)
    rotate_due(held.custody)
    assert states(held, "token", "ES256")["revoked"] == 1


def test_from_everywhere_but_the_end_a_key_can_be_revoked() -> None:
    assert all(State.REVOKED in MOVES[state] for state in (State.NEXT, State.ACTIVE, State.RETIRED))
    assert MOVES[State.REVOKED] == {State.GONE}
