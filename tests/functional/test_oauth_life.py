"""
The whole life of authorizations as a state machine: two people and two clients do anything, in any order, and the
provider must say exactly what a small model says. Whatever goes wrong is shrunk to the shortest story.

The model knows only the rules: a code counts once, for its client, with its verifier, for a minute; a refresh token
counts once; a second use ends the family; an ended session takes its authorizations with it unless they were granted
for absence; a disabled person has nothing any more; subjects are stable for one client and differ between clients.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import jwt
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from base import audit
from base.ids import new_id
from idp.flows.disable_user import disable_user
from idp.flows.end_session import end_session
from idp.store.sessions import live_session
from tests.provider import VERIFIER, Provider, Registered

CODE_SECONDS = 60
TOKEN_SECONDS = 600
ELSEWHERE = "https://other.example.vn/cb"
SELDOM = st.sampled_from([False, False, False, False, True])
WRONG_VERIFIER = VERIFIER[::-1]


@dataclass
class Person:
    id: str
    enabled: bool = True


@dataclass
class Session:
    person: Person
    cookie: str
    ended: bool = False


@dataclass
class AccessToken:
    text: str
    expires_at: int
    revoked: bool = False


@dataclass
class Family:
    """One authorization as the model sees it."""

    client: Registered
    session: Session
    code: str
    begun_at: int
    offline: bool
    code_spent: bool = False
    ended: bool = False
    refresh_tokens: list[str] = field(default_factory=list)
    spent: set[str] = field(default_factory=set)
    access_tokens: list[AccessToken] = field(default_factory=list)

    @property
    def living(self) -> bool:
        return not self.ended and self.session.person.enabled and (self.offline or not self.session.ended)


class Life(RuleBasedStateMachine):
    """`provider` is set by the test; each story has people and clients of its own in the same database."""

    provider: Provider

    def __init__(self) -> None:
        super().__init__()
        self.people = [Person(self.provider.person(new_id("p"))) for _ in range(2)]
        self.clients = [
            self.provider.client(trusted=True),
            self.provider.client(trusted=True, token_endpoint_auth_method="none", redirect_uris=[ELSEWHERE]),
        ]
        self.sessions: list[Session] = []
        self.families: list[Family] = []
        self.subjects: dict[tuple[str, str], str] = {}

    @property
    def now(self) -> int:
        return self.provider.now

    # ── What people do ──

    @rule(who=st.integers(0, 1))
    def sign_in(self, who: int) -> None:
        person = self.people[who]
        if person.enabled:
            cookie = self.provider.session(person.id)
            self.sessions.append(Session(person, cookie))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), which=st.integers(0, 1), offline=st.booleans())
    def authorize(self, data: st.DataObject, which: int, offline: bool) -> None:
        session, client = data.draw(st.sampled_from(self.sessions)), self.clients[which]
        if session.ended:
            reply = self.provider.authorize(client, session.cookie, redirect_uri=_address(client))
            assert reply.location.startswith("/login"), reply
        else:
            self._granted(session, client, offline)

    @precondition(lambda self: any(not session.ended for session in self.sessions))
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from([session for session in self.sessions if not session.ended]))
        services = self.provider.services
        with services.base.db.read() as connection:
            found = live_session(connection, services.base.clock, services.settings, session.cookie)
        assert found is not None
        assert end_session(services, found.id, "person")
        session.ended = True

    @precondition(lambda self: len([family for family in self.families if family.refresh_tokens]) > 1)
    @rule(who=st.integers(0, 1))
    def disable(self, who: int) -> None:
        person = self.people[who]
        disable_user(self.provider.services, person.id)
        person.enabled = False
        for session in self.sessions:
            session.ended |= session.person is person

    @precondition(lambda self: any(not session.ended for session in self.sessions))
    @rule(data=st.data(), which=st.integers(0, 1), offline=st.booleans())
    def come_in(self, data: st.DataObject, which: int, offline: bool) -> None:
        """The usual: from a living session to tokens without a detour, so that stories have something to tell of."""
        session = data.draw(st.sampled_from([session for session in self.sessions if not session.ended]))
        family = self._granted(session, self.clients[which], offline)
        family.code_spent = True
        self._issued(family, self._redeem(family.client, family, VERIFIER))

    @rule(seconds=st.sampled_from([1, 29, 31, 59, 61, 299, 599, 601]))
    def wait(self, seconds: int) -> None:
        self.provider.services.base.clock.move(seconds)  # type: ignore[attr-defined]  # a FixedClock in tests

    # ── What clients do ──

    @precondition(lambda self: self.families)
    @rule(data=st.data(), foreign=SELDOM, wrong=SELDOM)
    def redeem(self, data: st.DataObject, foreign: bool, wrong: bool) -> None:
        family = data.draw(st.sampled_from(self.families))
        client = self._other(family.client) if foreign else family.client
        reply = self._redeem(client, family, WRONG_VERIFIER if wrong else VERIFIER)
        in_time = self.now < family.begun_at + CODE_SECONDS
        if foreign:
            self._refused(reply)
        elif family.code_spent:
            family.ended = True
            self._refused(reply)
        elif not in_time or not family.living:
            self._refused(reply)
        elif wrong:
            family.code_spent = True
            self._refused(reply)
        else:
            family.code_spent = True
            self._issued(family, reply)

    @precondition(lambda self: any(family.refresh_tokens for family in self.families))
    @rule(data=st.data(), foreign=SELDOM)
    def refresh(self, data: st.DataObject, foreign: bool) -> None:
        family, token = self._some_refresh_token(data)
        client = self._other(family.client) if foreign else family.client
        reply = self.provider.refresh(client, token)
        if foreign:
            self._refused(reply)
        elif token in family.spent:
            family.ended = True
            self._refused(reply)
        elif not family.living:
            self._refused(reply)
        else:
            family.spent.add(token)
            self._issued(family, reply)

    @precondition(lambda self: any(family.refresh_tokens for family in self.families))
    @rule(data=st.data(), foreign=SELDOM)
    def give_back_a_refresh_token(self, data: st.DataObject, foreign: bool) -> None:
        family, token = self._some_refresh_token(data)
        reply = self._revoke(self._other(family.client) if foreign else family.client, token)
        assert reply.status == (400 if foreign else 200), reply
        family.ended |= not foreign

    @precondition(lambda self: any(family.access_tokens for family in self.families))
    @rule(data=st.data())
    def give_back_an_access_token(self, data: st.DataObject) -> None:
        family, token = self._some_access_token(data)
        assert self._revoke(family.client, token.text).status == 200
        token.revoked = True

    # ── What must hold ──

    @precondition(lambda self: any(family.access_tokens for family in self.families))
    @rule(data=st.data())
    def use_an_access_token(self, data: st.DataObject) -> None:
        family, token = self._some_access_token(data)
        good = self._counts(family, token)
        reply = self.provider.userinfo(token.text)
        assert reply.status == (200 if good else 401), reply.body
        if good:
            assert reply.json["sub"] == self.subjects[family.session.person.id, family.client.id]

    @precondition(lambda self: any(family.access_tokens for family in self.families))
    @rule(data=st.data())
    def ask_about_an_access_token(self, data: st.DataObject) -> None:
        family, token = self._some_access_token(data)
        asking = self.clients[0]  # the other cannot prove who it is, so it may not ask
        told = self.provider.posted("/introspect", asking, token=token.text).json
        assert told["active"] is (family.client is asking and self._counts(family, token))

    @invariant()
    def a_family_has_at_most_one_unspent_refresh_token(self) -> None:
        for family in self.families:
            assert len(set(family.refresh_tokens) - family.spent) <= 1

    @invariant()
    def nobody_shares_a_subject(self) -> None:
        assert len(set(self.subjects.values())) == len(self.subjects)

    def teardown(self) -> None:
        """The record of the whole story holds together."""
        audit.verify(self.provider.services.base.db)

    # ── Parts ──

    def _granted(self, session: Session, client: Registered, offline: bool) -> Family:
        scope = "openid offline_access" if offline else "openid"
        code = self.provider.code(client, session.cookie, scope=scope, redirect_uri=_address(client))
        self.families.append(Family(client, session, code, self.now, offline))
        return self.families[-1]

    def _redeem(self, client: Registered, family: Family, verifier: str) -> Any:
        address = _address(family.client)
        return self.provider.redeem(client, family.code, code_verifier=verifier, redirect_uri=address)

    def _other(self, client: Registered) -> Registered:
        return next(one for one in self.clients if one is not client)

    def _counts(self, family: Family, token: AccessToken) -> bool:
        return family.living and not token.revoked and self.now < token.expires_at

    def _some_refresh_token(self, data: st.DataObject) -> tuple[Family, str]:
        family = data.draw(st.sampled_from([family for family in self.families if family.refresh_tokens]))
        return family, data.draw(st.sampled_from(family.refresh_tokens))

    def _some_access_token(self, data: st.DataObject) -> tuple[Family, AccessToken]:
        family = data.draw(st.sampled_from([family for family in self.families if family.access_tokens]))
        return family, data.draw(st.sampled_from(family.access_tokens))

    def _revoke(self, client: Registered, token: str) -> Any:
        return self.provider.posted("/revoke", client, token=token)

    @staticmethod
    def _refused(reply: Any) -> None:
        assert (reply.status, reply.json["error"]) == (400, "invalid_grant"), reply

    def _issued(self, family: Family, reply: Any) -> None:
        assert reply.status == 200, reply.body
        found = reply.json
        family.refresh_tokens.append(found["refresh_token"])
        family.access_tokens.append(AccessToken(found["access_token"], self.now + TOKEN_SECONDS))
        claims = jwt.decode(found["id_token"], options={"verify_signature": False})
        assert claims["aud"] == family.client.id
        known = self.subjects.setdefault((family.session.person.id, family.client.id), claims["sub"])
        assert known == claims["sub"]


def _address(client: Registered) -> str:
    return client.client.redirect_uris[0]


def test_every_story_ends_as_the_rules_say(provider: Provider) -> None:
    """ANTIN_TEST_STORIES says how many stories."""

    class Here(Life):
        pass

    Here.provider = provider.with_settings(
        refresh_grace_seconds=0, session_idle_seconds=43_200, access_token_lifetime_seconds=TOKEN_SECONDS
    )
    stories = int(os.environ.get("ANTIN_TEST_STORIES", "40"))
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=stories,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=(Phase.generate,),
        ),
    )
