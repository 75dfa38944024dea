"""requests-oauth2client through what it knows; tests/interop/requests_oauth2client.py runs it."""

from __future__ import annotations

import json
import os
import re
from html import unescape
from urllib.parse import urljoin

import requests
from requests_oauth2client import ClientSecretBasic, InvalidGrant, InvalidTarget, OAuth2Client, PrivateKeyJwt

FACTS = json.loads(os.environ["FACTS"])
FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
REDIRECT = FACTS["redirect_uri"]


class Person:
    """A browser without script, signing in where it is asked to."""

    def __init__(self) -> None:
        self.session = requests.Session()

    def walk(self, address: str) -> str:
        """Follow an authorization request through the pages, back to the service. Returns that last address."""
        answer = self.session.get(address, allow_redirects=False)
        for _ in range(12):
            location = answer.headers.get("Location")
            if location is not None:
                following = urljoin(answer.url, location)
                if following.startswith(REDIRECT):
                    return following
                answer = self.session.get(following, allow_redirects=False)
                continue
            answer = self.session.post(answer.url, data=self.filled(answer.text), allow_redirects=False)
        raise AssertionError(f"stopped at {answer.url}: {answer.status_code}")

    def allow_device(self, address: str, user_code: str) -> None:
        """Enter the code another device shows, and allow."""
        page = self.session.get(address)
        page = self.session.post(page.url, data=self.hidden(page.text) | {"user_code": user_code})
        self.session.post(page.url, data=self.hidden(page.text) | {"decision": "allow"}).raise_for_status()

    def allow_waiting(self, message: str) -> None:
        """Find the request on the account page, compare the message, and allow."""
        (found,) = re.findall(r'href="(/requests\?request=[^"]+)"', self.session.get(f"{FACTS['issuer']}/account").text)
        page = self.session.get(urljoin(FACTS["issuer"], unescape(found)))
        assert message in page.text
        self.session.post(page.url, data=self.hidden(page.text) | {"decision": "allow"}).raise_for_status()

    @staticmethod
    def hidden(page: str) -> dict[str, str]:
        return {name: unescape(value) for name, value in FIELD.findall(page)}

    def filled(self, page: str) -> dict[str, str]:
        """The page's form as this person sends it."""
        asked = 'name="password"' in page
        return self.hidden(page) | (
            {"username": FACTS["username"], "password": FACTS["password"]} if asked else {"decision": "allow"}
        )


def done(what: str) -> None:
    print(f"  ✓ {what}", flush=True)


def main() -> None:
    offered = requests.get(f"{FACTS['issuer']}/.well-known/openid-configuration").json()
    client = OAuth2Client.from_discovery_endpoint(
        issuer=FACTS["issuer"],
        auth=PrivateKeyJwt(FACTS["client_id"], FACTS["jwk"], aud=FACTS["issuer"]),
        redirect_uri=REDIRECT,
        id_token_signed_response_alg="ES256",
        testing=True,
        device_authorization_endpoint=offered["device_authorization_endpoint"],  # it does not read these two
        backchannel_authentication_endpoint=offered["backchannel_authentication_endpoint"],
    )
    person = Person()
    request = client.authorization_request(scope="openid profile offline_access", dpop=True)
    pushed = client.pushed_authorization_request(request)
    response = request.validate_callback(person.walk(str(pushed)))
    # its own check of an ID token (1.8) cannot build a bound token anew, so the signature is checked below
    token = client.authorization_code(response, validate=False, dpop_key=request.dpop_key)
    assert token.id_token.verify_signature(client.authorization_server_jwks, alg="ES256")
    assert token.token_type == "DPoP", token.token_type
    assert token.id_token.claims["nonce"] == request.nonce
    done("private_key_jwt, pushed request, code bound to a DPoP key with the nonce it is given, ID token")

    person_claims = client.userinfo(token)
    assert person_claims["name"] == FACTS["name"], person_claims
    done("userinfo with a proof")

    renewed = client.refresh_token(token, dpop_key=request.dpop_key)
    assert renewed.access_token != token.access_token
    done("refresh")

    assert client.introspect_token(renewed)["active"] is True
    assert client.revoke_refresh_token(renewed.refresh_token) is True
    assert client.introspect_token(renewed.access_token)["active"] is False
    try:
        client.refresh_token(renewed)
    except InvalidGrant:
        done("introspection and revocation: the whole family ends")
    else:
        raise AssertionError("a revoked refresh token still works")

    # iss and aud (RFC 9101 §4) are left to the user of this library
    plain = client.authorization_request(scope="openid", iss=FACTS["client_id"], aud=FACTS["issuer"])
    back = person.walk(str(plain.sign(FACTS["jwk"], alg="ES256", lifetime=60)))
    assert "code=" in back, back
    done("signed request (JAR)")

    device = client.authorize_device(scope="openid profile")
    person.allow_device(device.verification_uri, device.user_code)
    assert client.device_code(device, validate=False).id_token.claims["sub"] == token.id_token.claims["sub"]
    done("device grant")

    asked = client.backchannel_authentication_request(
        scope="openid profile", login_hint=FACTS["username"], binding_message="QUAY 7"
    )
    person.allow_waiting("QUAY 7")
    assert client.ciba(asked, validate=False).id_token.claims["sub"] == token.id_token.claims["sub"]
    done("CIBA, poll")

    exchange(client, person)


def exchange(client: OAuth2Client, person: Person) -> None:
    """The service that received a token exchanges it for one at the service behind it."""
    begun = client.authorize_device(scope="openid files.read land.read", resource=FACTS["desk_resource"])
    person.allow_device(begun.verification_uri, begun.user_code)
    received = client.device_code(begun, validate=False, resource=FACTS["desk_resource"])
    secret = ClientSecretBasic(FACTS["desk"]["client_id"], FACTS["desk"]["client_secret"])
    desk = OAuth2Client.from_discovery_endpoint(issuer=FACTS["issuer"], auth=secret, testing=True)
    asked = {"subject_token": received.access_token, "subject_token_type": "access_token", "scope": "land.read"}
    exchanged = desk.token_exchange(**asked, resource=FACTS["land_resource"])
    found = desk.introspect_token(exchanged)
    assert found["active"] is True
    assert found["act"]["sub"] == FACTS["desk"]["client_id"], found
    assert exchanged.scope == "land.read"
    try:
        desk.token_exchange(**asked, resource="https://elsewhere.example.vn")
    except InvalidTarget:
        done("token exchange: for the next service alone")
    else:
        raise AssertionError("exchanged for a service that is not named to it")


if __name__ == "__main__":
    main()
