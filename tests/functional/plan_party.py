"""
The relying party of the official OpenID plans, played against the real edge and pages: one installation for a whole
plan, one browser and one freshly registered client for each module, and checks of our own on whatever comes back.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from werkzeug.test import TestResponse

from base.ids import new_secret
from tests.functional.idp_site import CALLBACK, PASSWORD, Browser, Site
from tests.proofs import HeldKey

ISSUER = "http://localhost:8000"
USERNAME = "nhung"
SCOPES: Mapping[str, frozenset[str]] = {
    "profile": frozenset(
        "name family_name given_name middle_name nickname preferred_username profile picture website gender birthdate "
        "zoneinfo locale updated_at".split()
    ),
    "email": frozenset({"email", "email_verified"}),
    "address": frozenset({"address"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
}
"""OpenID Connect Core §5.4."""
ALWAYS = frozenset("iss sub aud exp iat auth_time acr amr sid nonce at_hash c_hash s_hash".split())
_FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_HELD = HeldKey()


@dataclass(frozen=True)
class Variant:
    """response_type and response_mode (`default` or `form_post`), as a plan fixes them."""

    response_type: str
    response_mode: str = "default"

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.response_type.split())

    def __str__(self) -> str:
        return self.response_type.replace(" ", "+")


@dataclass(frozen=True)
class Answer:
    """What came back to the redirect address, how, and which pages the person saw on the way."""

    values: Mapping[str, str]
    place: str
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """A finished flow: the request, the answer, the tokens of the token endpoint, and the claims of each ID token."""

    request: Mapping[str, str]
    answer: Answer
    tokens: Mapping[str, Any]
    front_claims: Mapping[str, Any] | None
    back_claims: Mapping[str, Any] | None

    @property
    def claims(self) -> Mapping[str, Any]:
        """Of the last ID token."""
        found = self.back_claims or self.front_claims
        assert found is not None
        return found

    @property
    def access_token(self) -> str:
        return str(self.tokens.get("access_token") or self.answer.values["access_token"])


@dataclass
class Party:
    """One client of the plan in one browser."""

    site: Site
    variant: Variant
    registered: Mapping[str, Any]
    browser: Browser
    key: HeldKey = field(default_factory=lambda: _HELD)

    @property
    def id(self) -> str:
        return str(self.registered["client_id"])

    @property
    def issuer(self) -> str:
        return ISSUER

    @property
    def callback(self) -> str:
        return CALLBACK

    def request(self, **changes: str | None) -> dict[str, str]:
        """An authorization request as the suite makes one: no PKCE, state and nonce always."""
        whole: dict[str, str | None] = {
            "client_id": self.id,
            "redirect_uri": self.callback,
            "scope": "openid",
            "state": new_secret()[:10],
            "nonce": new_secret()[:10],
            "response_type": self.variant.response_type,
        }
        if self.variant.response_mode != "default":
            whole["response_mode"] = self.variant.response_mode
        return {name: value for name, value in (whole | changes).items() if value is not None}

    def send(self, request: Mapping[str, str], *, post: bool = False) -> Answer | TestResponse:
        """Drive the browser until an answer leaves for the client; a page nobody can pass is returned as it is."""
        page = self.browser.post("/authorize", dict(request)) if post else self.browser.get(_address(request))
        seen: list[str] = []
        for _ in range(6):
            answer = self._left(page, tuple(seen))
            if answer is not None:
                return answer
            seen.append(self.browser.path)
            if self.browser.path == "/login":
                page = self.browser.submit("/login", username=USERNAME, password=PASSWORD)
            elif self.browser.path == "/consent":
                page = self.browser.submit("/consent", decision="allow")
            else:
                return page
        raise AssertionError(f"no way out of {seen}")

    def answer(self, request: Mapping[str, str], *, post: bool = False) -> Answer:
        """The same where an answer is expected: state and issuer come back, nothing by a wrong way."""
        answer = self.send(request, post=post)
        assert isinstance(answer, Answer), self.browser.text
        assert answer.values.get("state") == request.get("state")
        assert answer.values["iss"] == self.issuer
        front = {"id_token", "token"} & set(request.get("response_type", "").split())
        mode = request.get("response_mode")
        assert answer.place == (mode or ("fragment" if front else "query"))
        return answer

    def flow(self, *, redeem: Mapping[str, str] | None = None, **changes: str | None) -> Flow:
        """A whole flow, each part of it checked."""
        return self.finish(self.request(**changes), redeem=redeem)

    def finish(
        self, request: Mapping[str, str], *, redeem: Mapping[str, str] | None = None, post: bool = False
    ) -> Flow:
        answer = self.answer(request, post=post)
        values, words = answer.values, self.variant.words
        assert "error" not in values, values
        tokens: Mapping[str, Any] = {}
        front = back = None
        if "token" in words:
            assert (values["token_type"], int(values["expires_in"])) == ("Bearer", 600)
            assert self.userinfo(values["access_token"]).status_code == 200
        if "id_token" in words:
            front = self.checked(values["id_token"], request)
            assert front["at_hash"] == _half(values["access_token"]) if "token" in words else "at_hash" not in front
            assert front["c_hash"] == _half(values["code"]) if "code" in words else "c_hash" not in front
        if "code" in words:
            assert len(values["code"]) >= 22
            reply = self.redeem(values["code"], **(redeem or {}))
            assert reply.status_code == 200, reply.text
            tokens = reply.json or {}
            assert 0 < tokens["expires_in"] <= 31_536_000
            back = self.checked(tokens["id_token"], request)
            assert back["at_hash"] == _half(tokens["access_token"])
            assert front is None or (front["iss"], front["sub"]) == (back["iss"], back["sub"])
            assert self.userinfo(tokens["access_token"]).status_code == 200
        return Flow(request, answer, tokens, front, back)

    def redeem(self, code: str, **more: str) -> TestResponse:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback, **more}
        return self.token(**form)

    def token(self, **form: str) -> TestResponse:
        """A token request by the registered method."""
        secret, headers = str(self.registered["client_secret"]), {}
        if self.registered["token_endpoint_auth_method"] == "client_secret_post":
            form |= {"client_id": self.id, "client_secret": secret}
        else:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{self.id}:{secret}".encode()).decode()
        return self.site.app.test_client().post("/token", data=form, headers=headers)

    def userinfo(self, token: str, how: str = "get") -> TestResponse:
        """how: get, post_header or post_body."""
        client, header = self.site.app.test_client(), {"Authorization": f"Bearer {token}"}
        if how == "post_body":
            return client.post("/userinfo", data={"access_token": token})
        return (
            client.post("/userinfo", headers=header)
            if how == "post_header"
            else client.get("/userinfo", headers=header)
        )

    def checked(self, token: str, request: Mapping[str, str]) -> Mapping[str, Any]:
        """The claims of an ID token that is in order: published key, RS256, times, nonce, no claim nobody asked for."""
        header = jwt.get_unverified_header(token)
        assert header["alg"] == self.registered["id_token_signed_response_alg"] == "RS256"
        published = self.site.app.test_client().get("/jwks").json or {}
        key = next(key for key in published["keys"] if key["kid"] == header["kid"])
        options = {"verify_exp": False, "verify_iat": False}
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(key),
            ["RS256"],
            audience=self.id,
            issuer=self.issuer,
            options=options,  # type: ignore[arg-type]  # typed narrower than documented
        )
        now = self.site.clock.now()
        assert claims["iat"] <= now < claims["exp"]
        assert claims["auth_time"] <= now
        assert claims.get("nonce") == request.get("nonce")
        allowed = ALWAYS | self.personal(request)
        assert claims.keys() <= allowed, claims.keys() - allowed
        return claims

    def personal(self, request: Mapping[str, str]) -> frozenset[str]:
        """Claims about the person that may be in an ID token."""
        if self.variant.response_type != "id_token":
            return frozenset()
        words = request.get("scope", "").split()
        named = frozenset({"name"}) if "claims" in request else frozenset()
        return named.union(*(SCOPES.get(word, frozenset()) for word in words))

    def request_object(self, request: Mapping[str, str], *, alg: str = "ES256") -> str:
        """The request as an object, signed by this client; `none`: not signed."""
        now = self.site.clock.now()
        claims = {"iss": self.id, "aud": self.issuer, "exp": now + 300, **request}
        if alg == "none":
            return jwt.encode(claims, "", "none")
        return self.key.sign(claims, {"kid": "k1"})

    def _left(self, page: TestResponse, pages: tuple[str, ...]) -> Answer | None:
        location = page.headers.get("Location", "")
        if location:
            parts = urlsplit(location)
            assert location.startswith(self.callback), location
            assert not (parts.query and parts.fragment)
            return Answer(
                dict(parse_qsl(parts.fragment or parts.query)), "fragment" if parts.fragment else "query", pages
            )
        if f'<form method="post" action="{self.callback}">' in page.text:
            values = {name: html.unescape(value) for name, value in _FIELD.findall(page.text)}
            return Answer(values, "form_post", pages)
        return None


def _address(request: Mapping[str, str]) -> str:
    return f"/authorize?{urlencode(request)}"


def _half(value: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:16]).decode().rstrip("=")


@dataclass
class Plan:
    """The installation a plan runs against, and one of its variants."""

    site: Site
    variant: Variant

    def party(self, browser: Browser | None = None, **metadata: Any) -> Party:
        """A fresh client as the plan registers one, in a fresh browser."""
        words = self.variant.words
        by_code, in_front = "code" in words, bool(words - {"code"})
        grants = [*(["authorization_code"] if by_code else []), *(["implicit"] if in_front else [])]
        whole = {
            "client_name": "Certification",
            "redirect_uris": [CALLBACK],
            "response_types": [self.variant.response_type],
            "grant_types": grants,
            "scope": None,
            "id_token_signed_response_alg": None,
            "backchannel_logout_uri": None,
            "jwks": _HELD.jwks,
        } | metadata
        registered = self.site.add_client(new_secret()[:16].strip("-_") + "x", **whole)
        return Party(self.site, self.variant, registered, browser or self.site.browser())
