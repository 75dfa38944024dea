"""
What the login, code, select and consent pages need to know about the request that waits behind them.

    tx = read_interaction(services, flask.request.args["tx"], browser_id())   # may raise InteractionInvalid, …Stale
    request = describe(services, tx)                                          # who asks, for what
    return redirect(resume_url(services, tx, "login"))                        # back into /authorize, one thing done
    return as_response(refuse(services, tx))                                  # the person said no (idp/web/oauth.py)
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

from base.forms import written_pairs
from base.ids import letters_of
from base.texts import Text
from idp.errors import InteractionInvalid, InteractionStale, OAuthError
from idp.flows.judging import judged
from idp.flows.request_facts import gather_facts
from idp.flows.sign_response import signer
from idp.protocol import endpoints
from idp.protocol.claims import CLAIM_TEXTS, ClaimsRequest, claims_of_scopes
from idp.protocol.client import Client
from idp.protocol.details.base import Detail
from idp.protocol.interaction import Did, Interaction, decode, encode
from idp.protocol.request import AuthorizeRequest, UnverifiedRequest
from idp.protocol.resources import Resources
from idp.protocol.response_modes import Answer, failure
from idp.protocol.steps import Refused
from idp.services import EVERY_RESOURCE, IdpServices

MAC_CONTEXT = "idp.interaction"
MAC_CHARACTERS = 43


@dataclass(frozen=True, slots=True)
class Attribute:
    """One personal claim and its name for people; essential: the service says it cannot do without."""

    name: str
    text: Text
    essential: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """A resource server by its name, and in words what may be done there."""

    resource: Text
    allowed: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """
    What a service asks for, validated: a judged request in the words of our pages.

    every: the resource servers that are registered, by their addresses.
    """

    judged: AuthorizeRequest
    every: Resources

    @property
    def client(self) -> Client:
        """Who asks."""
        return self.judged.client

    @property
    def scope(self) -> frozenset[str]:
        """Granted if the person agrees; store it with the consent."""
        return self.judged.scope

    @property
    def claims(self) -> frozenset[str]:
        """Names asked for through the claims parameter, and resources named; store them with the consent."""
        return self.judged.asked_besides_scope

    @property
    def claims_request(self) -> ClaimsRequest:
        """The claims parameter."""
        return self.judged.claims

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Every personal datum the service will get, in the order of the page."""
        request = self.judged
        wishes = [*request.claims.userinfo.items(), *request.claims.id_token.items()]
        essential = {name for name, wish in wishes if wish.essential}
        names = claims_of_scopes(request.scope) | request.claims.personal
        return tuple(Attribute(name, text, name in essential) for name, text in CLAIM_TEXTS.items() if name in names)

    @property
    def offline(self) -> bool:
        """Whether it may go on reading them while the person is away."""
        return "offline_access" in self.judged.scope

    @property
    def details(self) -> tuple[Detail, ...]:
        """Authorization details, typed (protocol/details); each must be shown in full."""
        return self.judged.details

    @property
    def accesses(self) -> tuple[Access, ...]:
        """
        What the request opens elsewhere, and what may be done there: at the resources it names, or wherever one of its
        scopes belongs. A resource that is not registered is shown by its address.
        """
        request, found = self.judged, []
        for name in request.resources or sorted(request.client.resources & self.every.keys()):
            known = self.every.get(name)
            words = tuple(said for word, said in known.scopes.items() if word in request.scope) if known else ()
            if words or request.resources:
                found.append(Access(known.title if known else Text(name, name), words))
        return tuple(found)

    @property
    def login_hint(self) -> str:
        """A sign-in name to fill in, or ""."""
        return self.judged.parameters.get("login_hint", "")

    @property
    def ui_locales(self) -> str:
        """Languages the service asks our pages to speak, the best first (BCP 47), or ""."""
        return self.judged.parameters.get("ui_locales", "")

    @property
    def redirect_uri(self) -> str:
        """Where the person will be sent in the end."""
        return self.judged.target.redirect_uri


def write_interaction(services: IdpServices, interaction: Interaction) -> str:
    """The interaction as a `tx` value: base64url JSON, then its MAC."""
    body = letters_of(encode(interaction))
    return f"{_mac(services, body)}{body}"


def read_interaction(services: IdpServices, token: str, browser: str) -> Interaction:
    """
    The interaction of a `tx` value for this browser.

    Raises:  InteractionInvalid: not made by us.
             InteractionStale: expired, or begun in another browser; its `restart` begins the request afresh.
    """
    mac, body = token[:MAC_CHARACTERS], token[MAC_CHARACTERS:]
    if not body or not token.isascii() or not hmac.compare_digest(mac, _mac(services, body)):
        raise InteractionInvalid("mac")
    try:
        interaction = decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError, KeyError) as error:
        raise InteractionInvalid("shape") from error
    if services.base.clock.now() >= interaction.started_at + services.settings.interaction_lifetime_seconds:
        raise InteractionStale("interaction_expired", restart_url(interaction))
    if interaction.browser != browser:
        raise InteractionStale("interaction_elsewhere", restart_url(interaction))
    return interaction


def resume_url(services: IdpServices, interaction: Interaction, did: Did) -> str:
    """The local path back into the authorization endpoint after a page has done its part."""
    return resumed(services, interaction.after(did))


def resumed(services: IdpServices, interaction: Interaction) -> str:
    """The same for an interaction as it stands."""
    return f"{endpoints.AUTHORIZE}?{written_pairs({'tx': write_interaction(services, interaction)})}"


def restart_url(interaction: Interaction) -> str:
    """The local path that begins the same request as if it had just come."""
    return f"{endpoints.AUTHORIZE}?{written_pairs(interaction.parameters)}"


def _mac(services: IdpServices, body: str) -> str:
    return letters_of(services.keys.mac(MAC_CONTEXT, body))


def describe(services: IdpServices, interaction: Interaction) -> ConsentRequest:
    """
    What the service asks for; judged again, since its registration may have changed meanwhile.

    Raises:  UnsafeToRedirect, OAuthError: the request is no longer valid.
    """
    return asked_for(services, _judged(services, interaction))


def asked_for(services: IdpServices, request: AuthorizeRequest) -> ConsentRequest:
    """What a judged request asks a person for."""
    return ConsentRequest(request, services.resources.get(EVERY_RESOURCE) or {})


def refuse(services: IdpServices, interaction: Interaction) -> Answer:
    """
    The person said no: `access_denied`, on its way to the client.

    Raises:  UnsafeToRedirect, OAuthError: the request is no longer valid.
    """
    request = _judged(services, interaction)
    denied = OAuthError("access_denied", "the person refused")
    return failure(request.target, services.issuer, denied, signer(services))


def _judged(services: IdpServices, interaction: Interaction) -> AuthorizeRequest:
    unverified = UnverifiedRequest(interaction.parameters)
    try:
        return judged(unverified, gather_facts(services, unverified, interaction.started_at))
    except Refused as refused:
        raise refused.error from refused
