"""
The modules of the official Basic, Implicit, Hybrid and Form Post plans, by their names (without `oidcc-`): each does
what the module does and asks for what it asks for, warnings included.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from idp.errors import RegistrationRefused
from idp.protocol.acr import ACR_VALUES
from tests.functional.plan_party import SCOPES, Answer, Flow, Party, Plan
from tests.provider import CHALLENGE, VERIFIER

Module = Callable[[Plan], None]
WOULD_NEED_A_PAGE = {"login_required", "interaction_required", "consent_required", "account_selection_required"}


def server(plan: Plan) -> None:
    flow = plan.party().flow()
    codes = {flow.answer.values.get("code", ""), plan.party().flow().answer.values.get("code", "")}
    assert len(codes) == (2 if "code" in plan.variant.words else 1)


def response_type_missing(plan: Plan) -> None:
    party = plan.party()
    answer = party.answer(party.request(response_type=None))
    assert answer.values["error"] in ("invalid_request", "unsupported_response_type")


def idtoken_signature(plan: Plan) -> None:
    plan.party().flow()  # checked() insists on RS256 and on a kid that is published


def idtoken_unsigned(plan: Plan) -> None:
    assert "none" not in _metadata(plan)["id_token_signing_alg_values_supported"]
    with pytest.raises(RegistrationRefused):
        plan.party(id_token_signed_response_alg="none")


def userinfo_get(plan: Plan) -> None:
    _userinfo(plan, "get")


def userinfo_post_header(plan: Plan) -> None:
    _userinfo(plan, "post_header")


def userinfo_post_body(plan: Plan) -> None:
    _userinfo(plan, "post_body")


def ensure_request_without_nonce_succeeds_for_code_flow(plan: Plan) -> None:
    assert "nonce" not in plan.party().flow(nonce=None).claims


def ensure_request_without_nonce_fails(plan: Plan) -> None:
    party = plan.party()
    assert party.answer(party.request(nonce=None)).values["error"] == "invalid_request"


def scope_profile(plan: Plan) -> None:
    _claims_of_scopes(plan, "openid profile")


def scope_email(plan: Plan) -> None:
    _claims_of_scopes(plan, "openid email")


def scope_address(plan: Plan) -> None:
    _claims_of_scopes(plan, "openid address")


def scope_phone(plan: Plan) -> None:
    _claims_of_scopes(plan, "openid phone")


def scope_all(plan: Plan) -> None:
    _claims_of_scopes(plan, "openid email phone address profile")


def alternate_happy_flow(plan: Plan) -> None:
    party = plan.party()
    request = party.request(scope="email openid")
    flow = party.finish(dict(reversed(request.items())))
    _has_claims(party, flow, "openid email")


def display_page(plan: Plan) -> None:
    plan.party().flow(display="page")


def display_popup(plan: Plan) -> None:
    plan.party().flow(display="popup")


def prompt_login(plan: Plan) -> None:
    party = plan.party()
    first = party.flow()
    plan.site.clock.move(1)
    second = party.flow(prompt="login")
    assert second.answer.pages[0] == "/login"
    assert second.claims["auth_time"] > first.claims["auth_time"]


def prompt_none_not_logged_in(plan: Plan) -> None:
    party = plan.party()
    answer = party.answer(party.request(prompt="none", state="s" * 128))
    assert answer.values["error"] in WOULD_NEED_A_PAGE
    assert answer.pages == ()


def prompt_none_logged_in(plan: Plan) -> None:
    party = plan.party()
    _is_same_sign_in(party.flow(), party.flow(prompt="none"))


def max_age_1(plan: Plan) -> None:
    party = plan.party()
    first = party.flow()
    plan.site.clock.move(2)
    second = party.flow(max_age="1")
    assert second.answer.pages[0] == "/login"
    assert second.claims["auth_time"] > first.claims["auth_time"]


def max_age_10000(plan: Plan) -> None:
    party = plan.party()
    first = party.flow(max_age="15000")
    plan.site.clock.move(1)
    _is_same_sign_in(first, party.flow(max_age="10000"))


def ensure_request_with_unknown_parameter_succeeds(plan: Plan) -> None:
    plan.party().flow(extra="foobar")


def id_token_hint(plan: Plan) -> None:
    party = plan.party()
    first = party.flow()
    hint = first.tokens.get("id_token") or first.answer.values["id_token"]
    _is_same_sign_in(first, party.flow(prompt="none", id_token_hint=hint))


def login_hint(plan: Plan) -> None:
    party = plan.party()
    request = party.request(login_hint="buffy")
    party.browser.get(f"/authorize?{urlencode(request)}")
    assert 'value="buffy"' in party.browser.text
    party.finish(request)


def ui_locales(plan: Plan) -> None:
    party = plan.party()
    request = party.request(ui_locales="se en")
    party.browser.get(f"/authorize?{urlencode(request)}")
    assert '<html lang="en"' in party.browser.text
    party.finish(request)


def claims_locales(plan: Plan) -> None:
    plan.party().flow(claims_locales="se")


def ensure_request_with_acr_values_succeeds(plan: Plan) -> None:
    supported = _metadata(plan)["acr_values_supported"]
    flow = plan.party().flow(acr_values=" ".join(supported))
    assert flow.claims["acr"] in supported == list(ACR_VALUES)


def codereuse(plan: Plan) -> None:
    _reuse(plan, seconds=0)


def codereuse_30seconds(plan: Plan) -> None:
    _reuse(plan, seconds=30)


def ensure_registered_redirect_uri(plan: Plan) -> None:
    party = plan.party()
    page = party.send(party.request(redirect_uri=f"{party.callback}/other"))
    assert not isinstance(page, Answer)
    assert page.status_code == 400
    assert any(words in party.browser.text for words in ("Địa chỉ trả về không khớp", "return address is not one")), (
        page
    )


def ensure_post_request_succeeds(plan: Plan) -> None:
    party = plan.party()
    party.finish(party.request(), post=True)
    again = party.answer(party.request(prompt="none"), post=True)
    assert "code" in again.values


def server_client_secret_post(plan: Plan) -> None:
    plan.party(token_endpoint_auth_method="client_secret_post").flow()


def request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(plan: Plan) -> None:
    assert "none" not in _metadata(plan)["request_object_signing_alg_values_supported"]
    party = plan.party()
    answer = party.send(party.request(request_uri="https://rp.example.vn/request.jwt#x"))
    if isinstance(answer, Answer):
        assert answer.values["error"] in ("request_uri_not_supported", "invalid_request_uri", "invalid_request")
    else:
        assert answer.status_code == 400


def unsigned_request_object_supported_correctly_or_rejected_as_unsupported(plan: Plan) -> None:
    assert "none" not in _metadata(plan)["request_object_signing_alg_values_supported"]
    party = plan.party()
    request = party.request()
    answer = party.answer({**request, "request": party.request_object(request, alg="none")})
    assert answer.values["error"] in ("request_not_supported", "invalid_request_object")


def ensure_request_object_with_redirect_uri(plan: Plan) -> None:
    party = plan.party()
    request = party.request()
    wrong = {**request, "redirect_uri": f"{party.callback}/other"}
    unsigned = party.send({**wrong, "request": party.request_object(request, alg="none")})
    assert not isinstance(unsigned, Answer)
    assert unsigned.status_code == 400
    party.finish({**wrong, "request": party.request_object(request)})


def claims_essential(plan: Plan) -> None:
    only_id_token = plan.variant.response_type == "id_token"
    asked = {"id_token" if only_id_token else "userinfo": {"name": {"essential": True}}}
    party = plan.party()
    flow = party.flow(claims=json.dumps(asked))
    told = flow.claims if only_id_token else party.userinfo(flow.access_token).json or {}
    assert told["name"]
    assert only_id_token or "name" not in flow.claims


def refresh_token(plan: Plan) -> None:
    both = [_refreshed(plan) for _ in range(2)]
    (first, _), (_, of_second) = both
    stolen = first.token(grant_type="refresh_token", refresh_token=of_second)
    assert (stolen.status_code, (stolen.json or {})["error"]) == (400, "invalid_grant")


def ensure_request_with_valid_pkce_succeeds(plan: Plan) -> None:
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    plan.party().flow(redeem={"code_verifier": VERIFIER}, **challenge)


def _metadata(plan: Plan) -> dict[str, list[str]]:
    return plan.site.app.test_client().get("/.well-known/openid-configuration").json or {}


def _userinfo(plan: Plan, how: str) -> None:
    party = plan.party()
    flow = party.flow()
    reply = party.userinfo(flow.access_token, how)
    assert (reply.status_code, reply.content_type) == (200, "application/json")
    assert (reply.json or {})["sub"] == flow.claims["sub"]


def _claims_of_scopes(plan: Plan, scope: str) -> None:
    party = plan.party()
    _has_claims(party, party.flow(scope=scope), scope)


def _has_claims(party: Party, flow: Flow, scope: str) -> None:
    """Every claim of the scopes and no other: at userinfo, or in the ID token where there is no access token."""
    wanted = frozenset().union(*(SCOPES.get(word, frozenset()) for word in scope.split()))
    if party.variant.response_type == "id_token":
        told = {name: value for name, value in flow.claims.items() if any(name in names for names in SCOPES.values())}
    else:
        told = dict(party.userinfo(flow.access_token).json or {})
        assert told.pop("sub") == flow.claims["sub"]
    assert told.keys() == wanted, (sorted(wanted - told.keys()), sorted(told.keys() - wanted))
    for name, value in told.items():
        kind = {"updated_at": int, "address": dict}.get(name, bool if name.endswith("_verified") else str)
        assert type(value) is kind, name


def _is_same_sign_in(first: Flow, second: Flow) -> None:
    assert second.answer.pages == ()
    for name in ("sub", "auth_time"):
        assert first.claims[name] == second.claims[name]


def _reuse(plan: Plan, *, seconds: int) -> None:
    party = plan.party()
    flow = party.flow()
    plan.site.clock.move(seconds)
    again = party.redeem(flow.answer.values["code"])
    assert (again.status_code, (again.json or {})["error"]) == (400, "invalid_grant")
    for token in filter(None, (flow.tokens["access_token"], flow.answer.values.get("access_token"))):
        assert party.userinfo(token).status_code == 401


def _refreshed(plan: Plan) -> tuple[Party, str]:
    """A client and the refresh token it holds after it has refreshed once."""
    words = plan.variant.words
    grants = ["authorization_code", "refresh_token", *(["implicit"] if words - {"code"} else [])]
    party = plan.party(grant_types=grants)
    flow = party.flow(scope="openid offline_access", prompt="consent")
    assert flow.answer.pages == ("/login", "/consent")
    plan.site.clock.move(1)
    reply = party.token(grant_type="refresh_token", refresh_token=flow.tokens["refresh_token"]).json or {}
    assert reply["access_token"] != flow.tokens["access_token"]
    later = party.checked(reply["id_token"], {})
    for name in ("iss", "sub", "aud", "auth_time"):
        assert later[name] == flow.claims[name]
    assert later["iat"] > flow.claims["iat"]
    assert party.userinfo(reply["access_token"]).status_code == 200
    return party, str(reply["refresh_token"])
