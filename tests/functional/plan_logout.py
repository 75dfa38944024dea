"""What every module of the four logout plans does first: a client, a person who signs in at it, its ID token."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from werkzeug.test import TestResponse

from tests.functional.idp_site import AFTER_LOGOUT, CALLBACK, VERIFIER, Browser, Site, answer_of

STATE = "aA0-._~" * 18 + "zz"
"""128 characters, as the plans send."""


@dataclass
class Party:
    """The relying party of a module: its browser, the authorization response, its ID token with claims, its secret."""

    site: Site
    browser: Browser
    answer: dict[str, str]
    id_token: str
    claims: dict[str, Any]
    secret: str

    def leave(self, method: str = "GET", **parameters: str) -> TestResponse:
        """Send the browser to the end_session_endpoint; it stops at the first page or when it leaves our site."""
        endpoint = urlsplit(metadata(self.site)["end_session_endpoint"]).path
        if method == "POST":
            return self.browser.post(endpoint, parameters)
        return self.browser.get(f"{endpoint}?{urlencode(parameters)}")

    def is_signed_in(self) -> bool:
        """Whether prompt=none is answered with a code."""
        answer = answer_of(self.browser.get(self.site.authorize_url(prompt="none")))
        assert "code" in answer or answer["error"] == "login_required"
        return "code" in answer

    def confirm(self) -> TestResponse:
        """Press the button on the page that asks."""
        assert "Bạn có muốn đăng xuất?" in self.browser.text
        return self.browser.submit("/logout/confirm", decision="end")


def metadata(site: Site) -> dict[str, Any]:
    """The discovery document."""
    found: dict[str, Any] = site.browser().client.get("/.well-known/openid-configuration").get_json()
    return found


def party(site: Site, *, response_type: str = "code", **client: Any) -> Party:
    """Register, sign in, consent, redeem if there is a code and no ID token yet."""
    if response_type != "code":
        grants = ["authorization_code", "implicit"] if "code" in response_type else ["implicit"]
        types = ["code", response_type] if "code" in response_type else [response_type]
        scope = "openid profile email"
        client = {"grant_types": grants, "response_types": types, "scope": scope, **client}
    added = site.add_client(**client)
    site.add_user("hong")
    browser = site.browser()
    browser.sign_in("hong", start=site.authorize_url(response_type=response_type))
    location = browser.submit("/consent", decision="allow").headers["Location"]
    parts = urlsplit(location)
    answer = dict(parse_qsl(parts.query or parts.fragment))
    id_token = answer.get("id_token") or redeemed(browser, added["client_secret"], answer["code"])["id_token"]
    return Party(site, browser, answer, id_token, claims_of(id_token), added["client_secret"])


def redeemed(browser: Browser, secret: str, code: str) -> dict[str, Any]:
    """The token response."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    basic = base64.b64encode(f"portal:{secret}".encode()).decode()
    answer = browser.client.post("/token", data=form, headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def claims_of(token: str, part: int = 1) -> dict[str, Any]:
    """The claims of a JWT, unchecked; part 0: its header."""
    coded = token.split(".")[part]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    return found


def unsigned(token: str) -> str:
    """The same token with `alg` none and no signature."""
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def returned_state(response: TestResponse) -> str | None:
    """`state` at the post_logout_redirect_uri; the browser must have gone exactly there."""
    location = response.headers["Location"]
    parts = urlsplit(location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == AFTER_LOGOUT
    assert set(parse_qs(parts.query)) <= {"state"}
    return dict(parse_qsl(parts.query)).get("state")
