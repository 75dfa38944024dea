"""
Modules of the official Dynamic and logout plans, by their names (without `oidcc-`), for a LivePlan: what the provider
fetches comes from the suite's server, and pages that a person would photograph are asked for what has to be on them.
"""

from __future__ import annotations

import io
import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image

from idp.errors import RegistrationRefused
from tests.city import antin_command
from tests.functional.plan_logout import claims_of, unsigned
from tests.functional.plan_modules import WOULD_NEED_A_PAGE
from tests.functional.plan_party import Answer, Flow, Variant
from tests.interop.suite_party import KEY, LiveParty, LivePlan, ShownPage
from tests.interop.suite_server import Visit
from tests.proofs import HeldKey

BY_KEY = {"token_endpoint_auth_method": "private_key_jwt"}
STATE = "s" * 128


# ── Dynamic ──────────────────────────────────────────────────────────────────────────────────────────────────────


def userinfo_rs256(plan: LivePlan) -> None:
    party = plan.party(userinfo_signed_response_alg="RS256")
    reply = party.userinfo(party.flow().access_token)
    assert reply.content_type == "application/jwt"
    claims = claims_of(reply.text)
    assert (claims["iss"], claims["aud"]) == (party.issuer, party.id)
    assert "nonce" not in claims


def ensure_redirect_uri_in_authorization_request(plan: LivePlan) -> None:
    here = f"{plan.stage.suite.base}/callback"
    party = plan.party(redirect_uris=[here, f"{here}?two"])
    _refused(party, redirect_uri=None)


def redirect_uri_query_ok(plan: LivePlan) -> None:
    address = f"{plan.stage.suite.base}/callback?foo=bar"
    party = plan.party(redirect_uris=[address])
    answer = party.send(party.request(redirect_uri=address))
    assert isinstance(answer, Answer)
    assert answer.values["foo"] == "bar"
    assert answer.values["code"]


def redirect_uri_query_mismatch(plan: LivePlan) -> None:
    here = f"{plan.stage.suite.base}/callback"
    _refused(plan.party(redirect_uris=[f"{here}?foo=bar"]), redirect_uri=f"{here}?foo=baz")


def redirect_uri_query_added(plan: LivePlan) -> None:
    _refused(plan.party(), redirect_uri=f"{plan.stage.suite.base}/callback?foo=bar")


def redirect_uri_regfrag(plan: LivePlan) -> None:
    with pytest.raises(RegistrationRefused) as refused:
        plan.party(redirect_uris=[f"{plan.stage.suite.base}/callback#foobar"])
    assert refused.value.code in ("invalid_redirect_uri", "invalid_client_metadata")


def registration_logo_uri(plan: LivePlan) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), (0, 90, 200)).save(drawn, "PNG")
    party = plan.party(logo_uri=plan.stage.suite.serve("/logo.png", drawn.getvalue()))
    address = f"/authorize?{urlencode(party.request())}"
    _until(lambda: 'src="/logo/' in plan.stage.get(address).text)  # the worker may have to try again
    assert 'src="/logo/' in _shown(party, party.request()).picture


def registration_policy_uri(plan: LivePlan) -> None:
    party = plan.party(policy_uri="https://policy.example.vn/")
    assert 'href="https://policy.example.vn/"' in _shown(party, party.request()).picture


def registration_tos_uri(plan: LivePlan) -> None:
    party = plan.party(tos_uri="https://terms.example.vn/")
    assert 'href="https://terms.example.vn/"' in _shown(party, party.request()).picture


def registration_jwks_uri(plan: LivePlan) -> None:
    plan.party(**BY_KEY, jwks=None, jwks_uri=_keys(plan, KEY, None)).flow()


def registration_sector_uri(plan: LivePlan) -> None:
    addresses = json.dumps([f"{plan.stage.suite.base}/callback"]).encode()
    plan.party(subject_type="pairwise", sector_identifier_uri=plan.stage.suite.serve("/sector.json", addresses))


def registration_sector_bad(plan: LivePlan) -> None:
    sector = plan.stage.suite.serve("/sector.json", b'["https://else.example.vn/cb"]')
    with pytest.raises(RegistrationRefused) as refused:
        plan.party(subject_type="pairwise", sector_identifier_uri=sector)
    assert refused.value.code == "invalid_client_metadata"


def refresh_token_rp_key_rotation(plan: LivePlan) -> None:
    keys, grants = _keys(plan, KEY, "first"), ["authorization_code", "refresh_token"]
    party = plan.party(**BY_KEY, jwks=None, jwks_uri=keys, grant_types=grants)
    party.signing = (KEY, {"kid": "first"})
    flow = party.flow(scope="openid offline_access", prompt="consent")
    following = HeldKey("RS256")
    _keys(plan, following, "second")
    time.sleep(31)  # the suite waits for 60; keys are not fetched anew sooner than after 30
    party.signing = (following, {"kid": "second"})
    reply = party.token(
        grant_type="refresh_token", refresh_token=flow.tokens["refresh_token"], scope="openid offline_access"
    )
    assert reply.status_code == 200, reply.text
    assert party.userinfo(reply.json["access_token"]).status_code == 200


def request_uri_signed_rs256(plan: LivePlan) -> None:
    address = f"{plan.stage.suite.base}/request.jwt#Ttsxgx-Vf3iDiLRmIIHiYkHwzSwQ4TbtDGcLgBYmdlw"
    party = plan.party(request_uris=[address], request_object_signing_alg="RS256")
    request = party.request()
    signed = KEY.sign({**request, "iss": party.id, "aud": party.issuer}, {"typ": "JWT"})
    plan.stage.suite.serve("/request.jwt", signed.encode())
    outside = {name: request[name] for name in ("client_id", "response_type", "scope")}
    answer = party.send({**outside, "request_uri": address})
    assert isinstance(answer, Answer)
    assert answer.values["state"] == request["state"]


def ensure_client_assertion_with_iss_aud_succeeds(plan: LivePlan) -> None:
    plan.party(**BY_KEY).flow()


def server_rotate_keys(plan: LivePlan) -> None:
    """With the command of deploy/conformance/README.md."""
    before = {key["kid"] for key in plan.stage.get("/jwks").json["keys"]}
    command = [*antin_command(), "key", "rotate", "--alg", "RS256", "--force"]
    subprocess.run(command, cwd=plan.stage.front.folder, check=True, stdout=subprocess.DEVNULL)
    _until(lambda: {key["kid"] for key in plan.stage.get("/jwks").json["keys"]} > before)


# ── Clients that prepare.py registered ───────────────────────────────────────────────────────────────────────────


def server_static_clients(plan: LivePlan) -> None:
    """The plans Basic, Implicit, Hybrid and Form Post with client_registration=static_client."""
    prepared = plan.stage.front.plan("oidcc")
    for name, method in (
        ("client", "client_secret_basic"),
        ("client2", "client_secret_basic"),
        ("client_secret_post", "client_secret_post"),
    ):
        known = {**prepared[name], "token_endpoint_auth_method": method, "id_token_signed_response_alg": "RS256"}
        for response_type in ("code", "id_token token", "code id_token token"):
            replace(plan, variant=Variant(response_type)).known(known).flow()


# ── Logout ───────────────────────────────────────────────────────────────────────────────────────────────────────


def rp_initiated_logout(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    _, visits = party.go("/logout", _leaving(party, flow))
    assert _returned(visits) == {"state": STATE}
    _is_signed_out(party)


def rp_initiated_logout_no_state(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    _, visits = party.go("/logout", _leaving(party, flow, state=None))
    assert _returned(visits) == {}
    _is_signed_out(party)


def rp_initiated_logout_bad_post_logout_redirect_uri(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    _stays(party, _leaving(party, flow, post_logout_redirect_uri=f"{plan.stage.suite.base}/other"))


def rp_initiated_logout_query_added_to_post_logout_redirect_uri(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    address = f"{plan.stage.suite.base}/post_logout_redirect?foo=bar"
    _stays(party, _leaving(party, flow, post_logout_redirect_uri=address))


def rp_initiated_logout_modified_id_token_hint(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    _stays(party, _leaving(party, flow, id_token_hint=unsigned(_id_token(flow))))


def rp_initiated_logout_bad_id_token_hint(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    _stays(party, _leaving(party, flow, id_token_hint=KEY.sign(dict(flow.claims))))


def rp_initiated_logout_no_id_token_hint(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    _stays(party, _leaving(party, flow, id_token_hint=None))


def rp_initiated_logout_no_params(plan: LivePlan) -> None:
    party, _ = _signed_in(plan)
    _stays(party, {})
    _is_signed_out(party)


def rp_initiated_logout_no_post_logout_redirect_uri(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    _stays(party, _leaving(party, flow, post_logout_redirect_uri=None))
    _is_signed_out(party)


def rp_initiated_logout_only_state(plan: LivePlan) -> None:
    party, _ = _signed_in(plan)
    _stays(party, {"state": STATE})
    _is_signed_out(party)


def frontchannel_rp_initiated_logout(plan: LivePlan) -> None:
    told = f"{plan.stage.suite.base}/frontchannel_logout"
    party, flow = _signed_in(plan, frontchannel_logout_uri=told, frontchannel_logout_session_required=True)
    _, visits = party.go("/logout", _leaving(party, flow))
    (heard,) = [visit for visit in visits if visit.path.endswith("/frontchannel_logout")]
    assert heard.query == {"iss": party.issuer, "sid": claims_of(_id_token(flow))["sid"]}
    assert _returned(visits) == {"state": STATE}
    _is_signed_out(party)


def backchannel_rp_initiated_logout(plan: LivePlan) -> None:
    told = f"{plan.stage.suite.base}/backchannel_logout"
    party, flow = _signed_in(plan, backchannel_logout_uri=told, backchannel_logout_session_required=True)
    _, visits = party.go("/logout", _leaving(party, flow))
    assert [visit.path.rsplit("/", 1)[1] for visit in visits] == [
        "backchannel_logout",
        "post_logout_redirect",
    ]
    heard = visits[0]
    assert (heard.method, set(heard.form) - {"body"}) == ("POST", {"logout_token"})
    claims, of = claims_of(heard.form["logout_token"]), claims_of(_id_token(flow))
    assert claims_of(heard.form["logout_token"], 0)["alg"] == "RS256"
    assert {name: claims[name] for name in ("iss", "aud", "sub", "sid")} == {
        name: of[name] for name in ("iss", "aud", "sub", "sid")
    }
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in claims
    _is_signed_out(party)


# ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────


def session_management_rp_initiated_logout(plan: LivePlan) -> None:
    party, flow = _signed_in(plan)
    state = flow.answer.values["session_state"]
    assert _asked_frame(plan, party, "session", f"{party.id} {state}") == "unchanged"
    _, visits = party.go("/logout", _leaving(party, flow))
    assert _returned(visits) == {"state": STATE}
    assert _asked_frame(plan, party, "second_session", f"{party.id} {state}") == "changed"


def _asked_frame(plan: LivePlan, party: LiveParty, name: str, text: str) -> str:
    suite = plan.stage.suite
    frame = f"{party.issuer}/session/check"
    asker = f"""<!doctype html><body><script>
window.addEventListener('message', function (e) {{
  if (e.origin === '{party.issuer}') window.parent.location.href = '{suite.base}/{name}_result?state=' + e.data
}}, false)
setTimeout(function () {{
  window.parent.document.getElementById('op').contentWindow.postMessage('{text}', '*')
}}, 500)
</script>"""
    suite.serve(f"/{name}_frame", asker.encode())
    page = (
        f"<!doctype html><body><iframe id=op src='{frame}'></iframe><iframe src='{suite.base}/{name}_frame'></iframe>"
    )
    address = suite.serve(f"/{name}_verify", page.encode())
    told = plan.stage.browser.visit(address, module=plan.module, cookies=party.watched.cookies)
    assert "problem" not in told, told["problem"]
    return suite.at(f"/{name}_result")[-1].query["state"]


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _shown(party: LiveParty, request: dict[str, str]) -> ShownPage:
    page = party.send(request)
    assert isinstance(page, ShownPage), page
    return page


def _refused(party: LiveParty, **changes: str | None) -> None:
    page = _shown(party, party.request(**changes))
    assert page.status_code == 400
    assert page.picture


def _keys(plan: LivePlan, key: HeldKey, kid: str | None) -> str:
    named = {} if kid is None else {"kid": kid}
    keys = {"keys": [{**key.jwk, **named, "use": "sig", "alg": "RS256"}]}
    return plan.stage.suite.serve("/jwks.json", json.dumps(keys).encode())


def _signed_in(plan: LivePlan, **metadata: Any) -> tuple[LiveParty, Flow]:
    address = f"{plan.stage.suite.base}/post_logout_redirect"
    party = plan.party(post_logout_redirect_uris=[address], **metadata)
    return party, party.flow(state=STATE)


def _id_token(flow: Flow) -> str:
    return str(flow.tokens.get("id_token") or flow.answer.values["id_token"])


def _leaving(party: LiveParty, flow: Flow, **changes: str | None) -> dict[str, str]:
    whole: dict[str, str | None] = {
        "id_token_hint": _id_token(flow),
        "post_logout_redirect_uri": f"{party.stage.suite.base}/post_logout_redirect",
        "state": STATE,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def _returned(visits: list[Visit]) -> dict[str, str]:
    (back,) = [visit for visit in visits if visit.path.endswith("/post_logout_redirect")]
    return dict(back.query)


def _stays(party: LiveParty, parameters: dict[str, str]) -> None:
    """Nobody comes to the suite, and there is a page to photograph."""
    page, visits = party.go("/logout", parameters)
    assert page.picture
    assert visits == []


def _is_signed_out(party: LiveParty) -> None:
    answer = party.answer(party.request(prompt="none"))
    assert answer.values["error"] in WOULD_NEED_A_PAGE


MODULES = (
    userinfo_rs256,
    ensure_redirect_uri_in_authorization_request,
    redirect_uri_query_ok,
    redirect_uri_query_mismatch,
    redirect_uri_query_added,
    redirect_uri_regfrag,
    registration_logo_uri,
    registration_policy_uri,
    registration_tos_uri,
    registration_jwks_uri,
    registration_sector_uri,
    registration_sector_bad,
    refresh_token_rp_key_rotation,
    request_uri_signed_rs256,
    ensure_client_assertion_with_iss_aud_succeeds,
    server_rotate_keys,
    server_static_clients,
    rp_initiated_logout,
    rp_initiated_logout_no_state,
    rp_initiated_logout_bad_post_logout_redirect_uri,
    rp_initiated_logout_query_added_to_post_logout_redirect_uri,
    rp_initiated_logout_modified_id_token_hint,
    rp_initiated_logout_bad_id_token_hint,
    rp_initiated_logout_no_id_token_hint,
    rp_initiated_logout_no_params,
    rp_initiated_logout_no_post_logout_redirect_uri,
    rp_initiated_logout_only_state,
    frontchannel_rp_initiated_logout,
    backchannel_rp_initiated_logout,
    session_management_rp_initiated_logout,
)
