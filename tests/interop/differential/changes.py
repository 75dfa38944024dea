"""
What can be wrong, or merely different, with a request: one parameter, one change, one name.

A value may hold what the provider itself handed out before, in braces: {code} {refresh_token} {request_uri} {id_token}
{issuer}. `Signed` values are made and signed when the question is asked. No values: the parameter is left out; two: it
is sent twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.interop.differential.clients import ALL_SCOPES, CALLBACK, RESOURCE, SECOND_CALLBACK
from tests.provider import CHALLENGE, VERIFIER


@dataclass(frozen=True, slots=True)
class Signed:
    """A JWS of the asking client: changes to honest claims (None leaves one out, "+60" is a time from now)."""

    claims: dict[str, Any] = field(default_factory=dict)
    by: str = "client"
    drop: tuple[str, ...] = ()


Value = str | Signed


@dataclass(frozen=True, slots=True)
class Change:
    parameter: str
    what: str
    values: tuple[Value, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.parameter}: {self.what}"


def _changes(parameter: str, *, twice: tuple[str, str] | None = None, **values: Value) -> tuple[Change, ...]:
    made = [Change(parameter, "left out")]
    made += [Change(parameter, what.replace("_", " "), (value,)) for what, value in values.items()]
    return (*made, Change(parameter, "twice", twice)) if twice else tuple(made)


AUTHORIZE = (
    *_changes("client_id", twice=("web", "few"), unknown="nobody", empty="", another="few", odd="web\0"),
    *_changes(
        "redirect_uri",
        twice=(CALLBACK, CALLBACK),
        empty="",
        unregistered="https://evil.example/cb",
        with_slash=CALLBACK + "/",
        other_case=CALLBACK.replace("portal", "PORTAL"),
        with_query=CALLBACK + "?a=b",
        with_fragment=CALLBACK + "#x",
        with_port=CALLBACK.replace(".vn", ".vn:443"),
        with_dots=CALLBACK.replace("/cb", "/x/../cb"),
        with_user="https://portal.example.vn@evil.example/cb",
        script="javascript:alert(1)",
        second=SECOND_CALLBACK,
        loopback="http://127.0.0.1:5000/cb",
        localhost="http://localhost:5000/cb",
    ),
    *_changes(
        "response_type",
        twice=("code", "code"),
        empty="",
        token="token",
        id_token="id_token",
        hybrid="code id_token",
        hybrid_token="code token",
        hybrid_all="code id_token token",
        implicit="id_token token",
        other_order="token id_token code",
        none="none",
        nonsense="nonsense",
        repeated="code code",
        upper_case="CODE",
    ),
    *_changes(
        "response_mode",
        twice=("query", "query"),
        empty="",
        query="query",
        fragment="fragment",
        form_post="form_post",
        jwt="jwt",
        query_jwt="query.jwt",
        fragment_jwt="fragment.jwt",
        form_post_jwt="form_post.jwt",
        web_message="web_message",
        nonsense="nonsense",
    ),
    *_changes(
        "scope",
        twice=("openid", "openid"),
        empty="",
        openid_alone="openid",
        everything=ALL_SCOPES,
        not_openid="profile email",
        unknown_only="nonsense",
        unknown_too="openid nonsense",
        malformed='openid "quoted"',
        two_spaces="openid  email",
        not_registered="openid official",
        of_records="openid records.read",
        offline="openid offline_access",
        repeated="openid openid",
        upper_case="OPENID",
        vietnamese="openid họ_tên",
    ),
    *_changes("state", twice=("a", "b"), empty="", long="s" * 2000, marks="a&b=c#d?e", vietnamese="Hà Nội"),
    *_changes("nonce", twice=("a", "b"), empty="", long="n" * 1000, vietnamese="Huế"),
    *_changes(
        "prompt",
        twice=("login", "login"),
        empty="",
        none="none",
        login="login",
        consent="consent",
        select_account="select_account",
        create="create",
        login_and_consent="login consent",
        none_and_login="none login",
        none_and_none="none none",
        nonsense="nonsense",
        login_and_nonsense="login nonsense",
    ),
    *_changes(
        "max_age",
        twice=("5", "5"),
        empty="",
        zero="0",
        one="1",
        long="100000",
        negative="-1",
        word="abc",
        fraction="1.5",
        power="1e6",
        hexadecimal="0xfffff",
        plus="+100000",
        space=" 100000",
        huge="99999999999999999999",
        other_digits="٩٩٩٩",
    ),
    *_changes(
        "code_challenge",
        twice=(CHALLENGE, CHALLENGE),
        empty="",
        short=CHALLENGE[:-1],
        long=CHALLENGE + "A",
        padded=CHALLENGE + "=",
        odd="!" * 43,
        other_base64=CHALLENGE[:-2] + "+/",
    ),
    *_changes(
        "code_challenge_method", twice=("S256", "S256"), empty="", plain="plain", lower_case="s256", nonsense="S512"
    ),
    *_changes(
        "claims",
        twice=("{}", "{}"),
        empty="",
        no_members="{}",
        userinfo='{"userinfo":{"email":null}}',
        essential='{"userinfo":{"email":{"essential":true}}}',
        in_id_token='{"id_token":{"name":null}}',
        auth_time='{"id_token":{"auth_time":{"essential":true}}}',
        phone='{"userinfo":{"phone_number":null}}',
        unknown='{"userinfo":{"shoe_size":null}}',
        acr_wished='{"id_token":{"acr":{"values":["urn:x"]}}}',
        acr_essential='{"id_token":{"acr":{"essential":true,"values":["urn:x"]}}}',
        acr_essential_value='{"id_token":{"acr":{"essential":true,"value":"urn:x"}}}',
        acr_essential_text='{"id_token":{"acr":{"essential":true,"values":"urn:x"}}}',
        other_person='{"id_token":{"sub":{"value":"nobody"}}}',
        same_person='{"id_token":{"sub":{"value":"{sub}"}}}',
        not_json="{",
        list="[]",
        number="5",
        text='"x"',
        member_list='{"userinfo":[]}',
        member_text='{"id_token":"x"}',
        member_null='{"userinfo":null}',
        wish_number='{"userinfo":{"email":5}}',
        deep="[" * 3000 + "]" * 3000,
    ),
    *_changes(
        "id_token_hint",
        twice=("{id_token}", "{id_token}"),
        empty="",
        own="{id_token}",
        of_another_client="{other_id_token}",
        garbage="x.y.z",
        access_token="{access_token}",
        not_signed="eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    ),
    *_changes("acr_values", twice=("a", "b"), empty="", unknown="urn:x", password="{password_acr}"),
    *_changes("login_hint", empty="", name="lan", address="lan@example.vn", twice=("a", "b")),
    *_changes("ui_locales", empty="", vi="vi", unknown="xx-YY", many="vi en fr"),
    *_changes("display", empty="", page="page", popup="popup", nonsense="nonsense"),
    *_changes(
        "resource",
        own=RESOURCE,
        other="https://other.example/",
        fragment=RESOURCE + "#x",
        relative="records",
        twice=(RESOURCE, RESOURCE),
    ),
    *_changes(
        "request_uri",
        empty="",
        https="https://portal.example.vn/request.jwt",
        unknown_urn="urn:ietf:params:oauth:request_uri:nothing",
        twice=("urn:ietf:params:oauth:request_uri:a", "urn:ietf:params:oauth:request_uri:b"),
    ),
    *_changes("registration", empty="", object="{}"),
    *_changes("dpop_jkt", empty="", thumbprint=CHALLENGE, short="abc"),
    *_changes("foo", empty="", bar="bar", twice=("a", "b")),
    Change("browser", "signed out", ("out",)),
)
REQUEST_OBJECTS = (
    *_changes(
        "request",
        empty="",
        honest=Signed(),
        without_exp=Signed({"exp": None}),
        without_aud=Signed({"aud": None}),
        without_iss=Signed({"iss": None}),
        without_client_id=Signed({"client_id": None}),
        expired=Signed({"exp": "-120"}),
        not_yet=Signed({"nbf": "+600"}),
        other_audience=Signed({"aud": "https://other.example"}),
        audiences=Signed({"aud": ["{issuer}", "https://other.example"]}),
        other_issuer=Signed({"iss": "few"}),
        other_client=Signed({"client_id": "few"}),
        other_key=Signed(by="stranger"),
        not_signed=Signed(by="nobody"),
        nested=Signed({"request": "x"}),
        pushed_inside=Signed({"request_uri": "urn:x"}),
        scope_less=Signed(drop=("scope",)),
        challenge_less=Signed(drop=("code_challenge",)),
        address_less=Signed(drop=("redirect_uri",)),
        other_type=Signed({"response_type": "token"}),
        claims_object=Signed({"claims": {"userinfo": {"email": None}}}),
        age_number=Signed({"max_age": 100000}),
        garbage="x.y.z",
        five_parts="a.b.c.d.e",
    ),
)
VERIFIERS: dict[str, Value] = {"short": "v" * 42, "wrong": "w" * 43, "long": "v" * 129, "odd": "é" * 43, "empty": ""}
CODE = (
    *_changes("grant_type", empty="", unknown="magic", password="password", implicit="implicit", twice=("a", "b")),
    *_changes("code", empty="", garbage="x", odd="x\0y", twice=("{code}", "{code}"), token="{access_token}"),
    *_changes(
        "redirect_uri", empty="", wrong="https://evil.example/cb", with_slash=CALLBACK + "/", twice=(CALLBACK, CALLBACK)
    ),
    *_changes("code_verifier", twice=(VERIFIER, VERIFIER), **VERIFIERS),
    *_changes("scope", fewer="openid", more=ALL_SCOPES + " official", malformed='"'),
    *_changes("resource", own=RESOURCE, other="https://other.example/"),
    *_changes("foo", bar="bar", twice=("a", "b")),
)
REFRESH = (
    *_changes("grant_type", empty="", unknown="magic", twice=("a", "b")),
    *_changes("refresh_token", empty="", garbage="x", odd="x\0y", twice=("{refresh_token}", "x"), code="{code}"),
    *_changes(
        "scope",
        empty="",
        fewer="openid",
        same="{scope}",
        more=ALL_SCOPES + " official",
        unknown="nonsense",
        unknown_too="openid nonsense",
        malformed='openid "',
        twice=("openid", "openid"),
    ),
    *_changes("resource", own=RESOURCE, other="https://other.example/"),
    *_changes("foo", bar="bar", twice=("a", "b")),
)
MACHINE = (
    *_changes("grant_type", empty="", unknown="magic", code="authorization_code", twice=("a", "b")),
    *_changes(
        "scope",
        empty="",
        one="records.read",
        both="records.read records.write",
        openid="openid",
        unknown="nonsense",
        beyond="records.read records.erase",
        malformed='records.read "',
        twice=("records.read", "records.read"),
    ),
    *_changes("resource", own=RESOURCE, other="https://other.example/"),
    *_changes("foo", bar="bar"),
)
CREDENTIALS = tuple(
    Change("credentials", what)
    for what in (
        "left out",
        "wrong",
        "empty",
        "by the other method",
        "by both methods",
        "of nobody",
        "of another client",
        "header malformed",
        "header not base64",
        "header without colon",
        "bearer",
        "client_id beside",
        "other client_id beside",
        "client_id alone",
    )
)
ASSERTIONS = (
    Change("assertion", "expired", (Signed({"exp": "-120"}),)),
    Change("assertion", "without exp", (Signed({"exp": None}),)),
    Change("assertion", "without jti", (Signed({"jti": None}),)),
    Change("assertion", "without iat", (Signed({"iat": None}),)),
    Change("assertion", "without sub", (Signed({"sub": None}),)),
    Change("assertion", "other sub", (Signed({"sub": "few"}),)),
    Change("assertion", "other iss", (Signed({"iss": "few"}),)),
    Change("assertion", "other aud", (Signed({"aud": "https://other.example"}),)),
    Change("assertion", "aud of the endpoint", (Signed({"aud": "{token}"}),)),
    Change("assertion", "aud as list", (Signed({"aud": ["{issuer}"]}),)),
    Change("assertion", "not yet", (Signed({"nbf": "+600"}),)),
    Change("assertion", "far exp", (Signed({"exp": "+86400"}),)),
    Change("assertion", "by another key", (Signed(by="stranger"),)),
    Change("assertion", "not signed", (Signed(by="nobody"),)),
    Change("assertion", "other type", ("urn:other",)),
    Change("assertion", "garbage", ("x.y.z",)),
)
_PROOFS: dict[str, Value] = {
    "honest": Signed(),
    "other method": Signed({"htm": "GET"}),
    "other address": Signed({"htu": "{issuer}/elsewhere"}),
    "address with query": Signed({"htu": "{here}?a=b"}),
    "without jti": Signed({"jti": None}),
    "without iat": Signed({"iat": None}),
    "old": Signed({"iat": "-7200"}),
    "from the future": Signed({"iat": "+7200"}),
    "by another key": Signed(by="stranger"),
    "garbage": "x.y.z",
    "empty": "",
}
PROOFS = tuple(Change("DPoP", what, (value,)) for what, value in _PROOFS.items())
"""Proofs of possession, in the header DPoP."""
