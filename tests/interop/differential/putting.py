"""Putting a question: its changes made, its values filled in with what this provider has handed out, its keys used."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import jwt

from base.ids import new_id
from tests.interop.differential.asking import Heard, Provider, ask_authorize, ask_endpoint
from tests.interop.differential.changes import Change, Signed, Value
from tests.interop.differential.clients import Known
from tests.interop.differential.questions import Pairs, Question, Step
from tests.proofs import HeldKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SLOT = re.compile(
    r"\{(code|refresh_token|first_refresh_token|request_uri|id_token|other_id_token|access_token|issuer|token|sub|scope"
    r"|password_acr)\}"
)
_NOT_PARAMETERS = ("credentials", "assertion", "browser", "DPoP")
STRANGER, PROVER = HeldKey(), HeldKey()


class NothingToAsk(Exception):
    """An earlier step did not hand out what this one needs."""


def put(provider: Provider, question: Question) -> list[Heard | None]:
    """The verdict of each compared step; None from the step on that could not be asked."""
    held: dict[str, str] = {}
    heard: list[Heard | None] = []
    for step in question.steps:
        try:
            answer = _ask(provider, step, held)
        except NothingToAsk:
            answer = None
        if step.compared:
            heard.append(answer)
        if answer is not None:
            held |= answer.got
            held.setdefault("first_refresh_token", answer.got.get("refresh_token", ""))
    return heard


def _ask(provider: Provider, step: Step, held: Mapping[str, str]) -> Heard:
    known = {**provider.hints, **_hints_of(provider, step.client), **{k: v for k, v in held.items() if v}}
    changes = {change.parameter: change for change in step.changes}
    filled: list[tuple[str, str]] = [
        (name, _text(provider, step, value, known)) for name, value in _changed(step, changes)
    ]
    if step.endpoint == "authorize":
        return ask_authorize(provider, filled, signed_in="browser" not in changes)
    more, headers = credentials(provider, step.client, changes, known)
    if "DPoP" in changes:
        headers = {**headers, "DPoP": _proof(provider, step, changes["DPoP"].values[0])}
    named = {name for name, _ in more}
    kept = [pair for pair in filled if pair[0] not in named or step.endpoint == "par"]
    return ask_endpoint(provider, step.endpoint, [*kept, *(pair for pair in more if pair not in kept)], headers)


def _proof(provider: Provider, step: Step, value: Value) -> str:
    if isinstance(value, str):
        return value
    now, here = int(time.time()), provider.issuer + provider.paths[step.endpoint]
    claims: dict[str, Any] = {"jti": new_id("p"), "htm": "POST", "htu": here, "iat": now}
    for name, change in value.claims.items():
        if isinstance(change, str) and change[:1] in "+-":
            change = now + int(change)
        elif isinstance(change, str):
            change = change.replace("{issuer}", provider.issuer).replace("{here}", here)
        claims[name] = change
    signer = PROVER if value.by == "client" else STRANGER
    return signer.sign(claims, {"typ": "dpop+jwt", "jwk": PROVER.jwk})


def _hints_of(provider: Provider, client: Known) -> dict[str, str]:
    mine = f"{client.id} "
    return {name.removeprefix(mine): value for name, value in provider.hints.items() if name.startswith(mine)}


def _changed(step: Step, changes: Mapping[str, Change]) -> Pairs:
    """The parameters with the changes made; a request object takes the others along, and they stay beside it."""
    pairs: list[tuple[str, Value]] = []
    for name, value in step.honest:
        change = changes.get(name)
        pairs += [(name, value)] if change is None else [(name, new) for new in change.values]
    there = {name for name, _ in step.honest}
    for name, change in changes.items():
        if name not in there and name not in _NOT_PARAMETERS:
            pairs += [(name, value) for value in change.values]
    return tuple(pairs)


def _text(provider: Provider, step: Step, value: Value, known: Mapping[str, str]) -> str:
    if isinstance(value, Signed):
        inside = {name: v for name, v in _changed(step, _but_request(step)) if isinstance(v, str)}
        filled = {name: _fill(v, provider, known) for name, v in inside.items() if name not in value.drop}
        return signed(provider, step.client, {"client_id": step.client.id, **filled}, value)
    return _fill(value, provider, known)


def _but_request(step: Step) -> dict[str, Change]:
    return {change.parameter: change for change in step.changes if change.parameter != "request"}


def _fill(text: str, provider: Provider, known: Mapping[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        name = match[1]
        found = {"issuer": provider.issuer, "token": provider.issuer + provider.paths["token"]}.get(name)
        found = found or known.get(name)
        if not found:
            raise NothingToAsk(name)
        return found

    return _SLOT.sub(one, text)


def signed(provider: Provider, client: Known, claims: Mapping[str, Any], how: Signed) -> str:
    """Honest claims with the changes made, signed by whom the change says."""
    now = int(time.time())
    whole: dict[str, Any] = {
        "iss": client.id,
        "aud": provider.issuer,
        "iat": now,
        "exp": now + 60,
        "jti": new_id("j"),
        **claims,
    }
    for name, value in how.claims.items():
        if isinstance(value, str) and value[:1] in "+-":
            value = now + int(value)
        elif isinstance(value, str):
            value = _fill(value, provider, {})
        elif isinstance(value, list):
            value = [_fill(each, provider, {}) for each in value]
        whole[name] = value
    whole = {name: value for name, value in whole.items() if value is not None}
    if how.by == "nobody":
        return jwt.encode(whole, "", algorithm="none")
    key = client.key if how.by == "client" and client.key else STRANGER
    return key.sign(whole)


def credentials(
    provider: Provider, client: Known, changes: Mapping[str, Change], known: Mapping[str, str]
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Form parameters and headers that say who asks."""
    change = changes.get("credentials") or changes.get("assertion")
    what = change.what if change else ""
    if client.method == "private_key_jwt":
        return _assertion(provider, client, changes.get("assertion")), {}
    secret = provider.secrets.get(client.id, "")
    if client.method == "none":
        return _public(provider, client, what)
    by_post = (client.method == "client_secret_post") != (what == "by the other method")
    return _with_secret(provider, client, what, secret, by_post=by_post)


def _assertion(provider: Provider, client: Known, change: Change | None) -> list[tuple[str, str]]:
    value = change.values[0] if change else Signed()
    kind = ASSERTION_TYPE
    if isinstance(value, str) and value.startswith("urn:"):
        kind, value = value, Signed()
    token = value if isinstance(value, str) else signed(provider, client, {"sub": client.id}, value)
    return [("client_assertion_type", kind), ("client_assertion", token)]


def _public(provider: Provider, client: Known, what: str) -> tuple[list[tuple[str, str]], dict[str, str]]:
    if what in ("left out", "empty"):
        return [], {}
    if what in ("wrong", "by the other method", "by both methods"):
        return [("client_id", client.id), ("client_secret", "x" * 43)], {}
    if what == "of nobody":
        return [("client_id", "nobody")], {}
    if what == "of another client":
        return [], {"Authorization": basic("web", provider.secrets["web"])}
    return [("client_id", client.id)], {}


def _with_secret(
    provider: Provider, client: Known, what: str, secret: str, *, by_post: bool
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    who = client.id
    if what == "left out":
        return [], {}
    if what == "client_id alone":
        return [("client_id", who)], {}
    if what == "of nobody":
        who = "nobody"
    if what == "of another client":
        who, secret = "two", provider.secrets["two"]
    if what == "wrong":
        secret = "x" * 43
    if what == "empty":
        secret = ""
    odd = {
        "header malformed": "Basic",
        "header not base64": "Basic !!!",
        "header without colon": "Basic " + base64.b64encode(who.encode()).decode(),
        "bearer": f"Bearer {secret}",
    }.get(what)
    beside = {"client_id beside": [("client_id", who)], "other client_id beside": [("client_id", "two")]}.get(what, [])
    form = [("client_id", who), ("client_secret", secret)]
    if odd is not None:
        return beside, {"Authorization": odd}
    if what == "by both methods":
        return form, {"Authorization": basic(who, secret)}
    if by_post:
        return [*beside, form[1]] if what == "other client_id beside" else form, {}
    return beside, {"Authorization": basic(who, secret)}


def basic(client_id: str, secret: str) -> str:
    """The Authorization header of RFC 6749 §2.3.1."""
    return "Basic " + base64.b64encode(f"{quote(client_id)}:{quote(secret)}".encode()).decode()
