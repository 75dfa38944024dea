"""
The grammar: from a seed to questions. A question is some requests of one client, each honest but for its changes.

First every change stands alone, then up to three come together, chosen by the seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.interop.differential.changes import (
    ASSERTIONS,
    AUTHORIZE,
    CODE,
    CREDENTIALS,
    MACHINE,
    PROOFS,
    REFRESH,
    REQUEST_OBJECTS,
    Change,
    Signed,
    Value,
)
from tests.interop.differential.clients import Known
from tests.provider import CHALLENGE, VERIFIER

Endpoint = Literal["authorize", "par", "token"]
Pairs = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """
    One request. honest: its parameters before the changes; keep: names of what the answer hands out for later steps;
    compared: False for requests that only fetch something for the next one.
    """

    endpoint: Endpoint
    client: Known
    honest: Pairs
    changes: tuple[Change, ...] = ()
    compared: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    kind: str
    steps: tuple[Step, ...] = field(default=())

    @property
    def changes(self) -> tuple[Change, ...]:
        """Of the compared steps; what a step that only fetches something needs is no change."""
        return tuple(change for step in self.steps if step.compared for change in step.changes)

    def alone(self, change: Change) -> Question:
        """The same question with this one of its changes."""
        return self._keeping(lambda other: other == change)

    def unchanged(self) -> Question:
        """The same question without any change."""
        return self._keeping(lambda _: False)

    def without(self, change: Change) -> Question:
        """The same question without this one of its changes."""
        return self._keeping(lambda other: other != change)

    def _keeping(self, wanted: Callable[[Change], bool]) -> Question:
        steps = (
            replace(step, changes=tuple(filter(wanted, step.changes))) if step.compared else step for step in self.steps
        )
        return replace(self, steps=tuple(steps))


def questions(clients: dict[str, Known], seed: int) -> Iterator[Question]:
    """Endless."""
    yield from _alone(clients)
    choose = random.Random(seed)
    while True:
        yield _together(clients, choose)


def _alone(clients: dict[str, Known]) -> Iterator[Question]:
    for name in (name for name, client in clients.items() if client.by_code):
        yield authorize(clients[name])
        yield code(clients[name])
        yield pushed(clients[name])
    yield machine(clients["machine"])
    for change in (*AUTHORIZE, *REQUEST_OBJECTS):
        yield authorize(clients["web" if change in AUTHORIZE else "keyed"], (change,))
        yield pushed(clients["web" if change in AUTHORIZE else "keyed"], (change,))
    for change in AUTHORIZE:
        if change.parameter in ("response_type", "response_mode", "nonce", "prompt"):
            yield authorize(clients["hybrid"], (change,))
            yield pushed(clients["hybrid"], (change,))
    for change in (*CODE, *CREDENTIALS):
        yield code(clients["web"], (change,))
    for change in (*REFRESH, *CREDENTIALS):
        yield refresh(clients["web"], (change,))
    for change in (*MACHINE, *CREDENTIALS):
        yield machine(clients["machine"], (change,))
    for change in ASSERTIONS:
        yield code(clients["keyed"], (change,))
    for change in PROOFS:
        for ask in (code, refresh, pushed):
            yield ask(clients["spa"], (change,))
        yield machine(clients["machine"], (change,))
    for kind in ("code used twice", "refresh token used twice", "code of another client", "refresh of another client"):
        yield again(clients, kind, clients["web"])
    yield again(clients, "pushed request used twice", clients["web"])
    yield again(clients, "pushed request of another client", clients["web"])


def _together(clients: dict[str, Known], choose: random.Random) -> Question:
    kind = choose.choices(
        ("authorize", "code", "refresh", "machine", "pushed", "again"), weights=(40, 20, 12, 6, 14, 8)
    )[0]
    silent = kind in ("code", "refresh", "again")  # a code is got without asking the person
    client = choose.choice([known for known in clients.values() if known.by_code and (known.consented or not silent)])
    if kind == "machine":
        return machine(clients["machine"], _some(choose, (*MACHINE, *CREDENTIALS, *PROOFS)))
    if kind == "again":
        return again(clients, choose.choice(AGAIN), client)
    about_client = ASSERTIONS if client.key else CREDENTIALS
    if kind == "code":
        return code(client, _some(choose, (*CODE, *about_client, *PROOFS)))
    if kind == "refresh" and "refresh_token" in client.metadata["grant_types"]:
        return refresh(client, _some(choose, (*REFRESH, *about_client, *PROOFS)))
    changes = (*AUTHORIZE, *REQUEST_OBJECTS) if client.key else AUTHORIZE
    if kind == "pushed":
        return pushed(client, _some(choose, (*changes, *about_client, *PROOFS)))
    return authorize(client, _some(choose, changes))


def _some(choose: random.Random, changes: Sequence[Change]) -> tuple[Change, ...]:
    """None to three, of different parameters."""
    count = choose.choices((0, 1, 2, 3), weights=(10, 45, 30, 15))[0]
    found = {change.parameter: change for change in choose.sample(changes, count)}
    return tuple(found.values())


def _request(client: Known) -> Pairs:
    """An honest authorization request; signed by a client that must sign."""
    signed: Pairs = (("request", Signed()),) if client.metadata.get("require_signed_request_object") else ()
    return (
        *signed,
        ("client_id", client.id),
        ("redirect_uri", client.redirect_uri),
        ("response_type", "code"),
        ("scope", "openid email" if client.id == "few" else "openid profile email"),
        ("state", "xyz"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    )


def _redeem(client: Known) -> Pairs:
    return (
        ("grant_type", "authorization_code"),
        ("code", "{code}"),
        ("redirect_uri", client.redirect_uri),
        ("code_verifier", VERIFIER),
    )


_REFRESH: Pairs = (("grant_type", "refresh_token"), ("refresh_token", "{refresh_token}"))
_BEGIN: Pairs = (("request_uri", "{request_uri}"),)


def _get_code(client: Known) -> tuple[Step, ...]:
    """However this client gets a code without any fault; a pushed request where it must push."""
    if client.metadata.get("require_pushed_authorization_requests"):
        return (
            Step("par", client, _request(client), compared=False),
            Step("authorize", client, (("client_id", client.id), *_BEGIN), compared=False),
        )
    return (Step("authorize", client, _request(client), compared=False),)


def authorize(client: Known, changes: tuple[Change, ...] = ()) -> Question:
    return Question("authorize", (Step("authorize", client, _request(client), changes),))


def code(client: Known, changes: tuple[Change, ...] = ()) -> Question:
    return Question("code", (*_get_code(client), Step("token", client, _redeem(client), changes)))


def refresh(client: Known, changes: tuple[Change, ...] = ()) -> Question:
    first = Step("token", client, _redeem(client), compared=False)
    return Question("refresh", (*_get_code(client), first, Step("token", client, _REFRESH, changes)))


def machine(client: Known, changes: tuple[Change, ...] = ()) -> Question:
    return Question("machine", (Step("token", client, (("grant_type", "client_credentials"),), changes),))


def pushed(client: Known, changes: tuple[Change, ...] = ()) -> Question:
    begin = Step("authorize", client, (("client_id", client.id), *_BEGIN))
    return Question("pushed", (Step("par", client, _request(client), changes), begin))


def again(clients: dict[str, Known], kind: str, client: Known) -> Question:
    """What is used a second time, or by somebody else."""
    other = clients["post" if client.id != "post" else "web"]
    redeem, begin = (
        Step("token", client, _redeem(client)),
        Step("authorize", client, (("client_id", client.id), *_BEGIN)),
    )
    push, turn = Step("par", client, _request(client)), Step("token", client, _REFRESH)
    old = Step("token", client, (("grant_type", "refresh_token"), ("refresh_token", "{first_refresh_token}")))
    steps = {
        "code used twice": (*_get_code(client), redeem, redeem, turn),
        "code of another client": (*_get_code(client), replace(redeem, client=other), redeem),
        "code after a wrong verifier": (*_get_code(client), replace(redeem, changes=(WRONG_VERIFIER,)), redeem),
        "refresh token used twice": (*_get_code(client), redeem, turn, old, turn),
        "refresh of another client": (*_get_code(client), redeem, replace(turn, client=other), turn),
        "pushed request used twice": (push, begin, begin),
        "pushed request of another client": (
            push,
            replace(begin, client=other, honest=(("client_id", other.id), *_BEGIN)),
            begin,
        ),
    }[kind]
    if kind.startswith("refresh") and "refresh_token" not in client.metadata["grant_types"]:
        return code(client)
    return Question(kind, steps)


WRONG_VERIFIER = next(change for change in CODE if change.name == "code_verifier: wrong")
AGAIN = (
    "code used twice",
    "code of another client",
    "code after a wrong verifier",
    "refresh token used twice",
    "refresh of another client",
    "pushed request used twice",
    "pushed request of another client",
)
