"""
Everything that counts once, each with how it is made and how it is presented: the table of the two-server races.

A new one is one entry of ITEMS.
"""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

from idp.protocol.deferred import CIBA, DEVICE_CODE
from tests.faults.two_servers import Pair
from tests.faults.visitor import CHALLENGE, PASSWORD, REDIRECT, VERIFIER, Reply, Visitor, ask, local
from tests.proofs import HeldKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REQUEST = {
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": "openid offline_access",
    "state": "s",
    "nonce": "n",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class Town:
    """Two servers with a service, a machine that binds its tokens, a machine that signs, and a person signed in."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.key = HeldKey()
        self.service = self._client(
            redirect_uris=[REDIRECT],
            grant_types=["authorization_code", "refresh_token"],
            scope="openid offline_access",
            id_token_signed_response_alg="ES256",
        )
        self.binding = self._client(grant_types=["client_credentials"], dpop_bound_access_tokens=True)
        self.signing = self._client(
            grant_types=["client_credentials"], token_endpoint_auth_method="private_key_jwt", jwks=self.key.jwks
        )
        self.kiosk = self._client(grant_types=[DEVICE_CODE, CIBA], scope="openid")
        pair.antin("user", "add", "--username", "hong", "--password-stdin", given=PASSWORD)
        self.person = Visitor(pair, "hong")
        self.person.sign_in(self.request(self.service))

    def _client(self, **metadata: Any) -> Mapping[str, Any]:
        return self.pair.antin("client", "add", "-", given=json.dumps({"client_name": "Race", **metadata}))

    @staticmethod
    def request(client: Mapping[str, Any], **more: str) -> dict[str, str]:
        return {"client_id": client["client_id"], **REQUEST, **more}

    @staticmethod
    def basic(client: Mapping[str, Any]) -> dict[str, str]:
        pair = f"{client['client_id']}:{client['client_secret']}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}

    def code(self) -> str:
        found = self.person.go("/authorize?" + urlencode(self.request(self.service))).code
        assert found is not None
        return found

    def redeem(self, port: int, code: str) -> Reply:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return ask(port, "/token", form=form, headers=self.basic(self.service))

    @property
    def first(self) -> int:
        return self.pair.ports[0]


def _device_code(town: Town) -> str:
    """A device code that the person has allowed, on the pages."""
    made = ask(town.first, "/device_authorization", form={"scope": "openid"}, headers=town.basic(town.kiosk)).json
    fields = town.person.go("/device").form
    found = town.person.go("/device", fields | {"user_code": made["user_code"]})
    _answer(town, local(found.location))
    return str(made["device_code"])


def _auth_req_id(town: Town) -> str:
    """The same through the backchannel."""
    form = {"scope": "openid", "login_hint": "hong"}
    made = ask(town.first, "/backchannel_authentication", form=form, headers=town.basic(town.kiosk)).json
    links = re.findall(r'href="(/requests\?request=[^"]+)"', town.person.go("/account").body.decode())
    _answer(town, unescape(links[-1]))
    return str(made["auth_req_id"])


def _answer(town: Town, address: str) -> None:
    town.person.go("/requests", town.person.go(address).form | {"decision": "allow"})


def _poll(town: Town, port: int, **form: str) -> int:
    return ask(port, "/token", form=form, headers=town.basic(town.kiosk)).status


def _refresh_token(town: Town) -> str:
    return str(town.redeem(town.first, town.code()).json["refresh_token"])


def _refresh(town: Town, port: int, token: str) -> int:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return ask(port, "/token", form=form, headers=town.basic(town.service)).status


def _pushed(town: Town) -> str:
    return str(ask(town.first, "/par", form=REQUEST, headers=town.basic(town.service)).json["request_uri"])


def _begin(town: Town, port: int, request_uri: str) -> int:
    query = urlencode({"client_id": town.service["client_id"], "request_uri": request_uri})
    return _granted(ask(port, f"/authorize?{query}", headers=town.person.headers))


def _granted(reply: Reply) -> int:
    """200 for a code, 400 for a refusal by page or redirect, the status for a fault."""
    if reply.code is not None:
        return 200
    return reply.status if reply.status >= 500 else 400


def _proof(town: Town) -> str:
    return town.key.proof("/token", int(time.time()), htu=f"{town.pair.issuer}/token")


def _prove(town: Town, port: int, proof: str) -> int:
    headers = {**town.basic(town.binding), "DPoP": proof}
    return ask(port, "/token", form={"grant_type": "client_credentials"}, headers=headers).status


def _assertion(town: Town) -> str:
    return town.key.assertion(town.signing["client_id"], int(time.time()), aud=town.pair.issuer)["client_assertion"]


def _assert(town: Town, port: int, assertion: str) -> int:
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    status = ask(port, "/token", form=form).status
    return 400 if status == 401 else status  # a client that is not believed (RFC 6749 §5.2)


def _consent_page(town: Town) -> str:
    """A consent page as it was shown: its address and hidden fields."""
    asked = town.person.go("/authorize?" + urlencode(town.request(town.service, prompt="consent")))
    address = local(asked.location)
    return json.dumps([address, town.person.go(address).form])


def _allow(town: Town, port: int, page: str) -> int:
    """Press Allow and follow where it leads."""
    address, fields = json.loads(page)
    pressed = ask(port, address, form=fields | {"decision": "allow"}, headers=town.person.headers)
    if not pressed.location:
        return _granted(pressed)
    return _granted(ask(port, local(pressed.location), headers=town.person.headers))


@dataclass(frozen=True, slots=True)
class Item:
    """make: a fresh one; present: the status that presenting it at a port yields (200: it counted)."""

    name: str
    make: Callable[[Town], str]
    present: Callable[[Town, int, str], int]


ITEMS = (
    Item("code", Town.code, lambda town, port, code: town.redeem(port, code).status),
    Item("refresh token", _refresh_token, _refresh),
    Item("pushed request", _pushed, _begin),
    Item("DPoP proof", _proof, _prove),
    Item("client assertion", _assertion, _assert),
    Item("consent", _consent_page, _allow),
    Item(
        "device code",
        _device_code,
        lambda town, port, code: _poll(town, port, grant_type=DEVICE_CODE, device_code=code),
    ),
    Item(
        "authentication request id",
        _auth_req_id,
        lambda town, port, found: _poll(town, port, grant_type=CIBA, auth_req_id=found),
    ),
)
