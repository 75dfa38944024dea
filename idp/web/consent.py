"""The consent page: who asks, why, each attribute with its value; documents to sign, each with its digest."""

from __future__ import annotations

from urllib.parse import urlsplit

import flask
from werkzeug.wrappers import Response

from base.errors import AntinError
from base.web.texts import t
from idp.flows.consent import addressee, allow, deny, is_addressee
from idp.flows.interactions import ConsentRequest, refuse, resumed
from idp.protocol import endpoints
from idp.protocol.claims import SCOPE_TEXTS
from idp.protocol.details.base import Shown
from idp.protocol.details.credential import SignatureAuthorisation
from idp.protocol.native_sso import SCOPE
from idp.services import IdpServices
from idp.store import organisations, users
from idp.store.sessions import SessionFacts
from idp.web.attributes import access_rows, attribute_rows, office_of
from idp.web.oauth import as_response
from idp.web.visits import Waiting, session_here, waiting
from keys.handles import Credential, KeyHandle


def mount(blueprint: flask.Blueprint, services: IdpServices) -> None:
    """GET and POST /consent?tx=…"""

    @blueprint.get(endpoints.CONSENT)
    def consent() -> Response | str:
        here = waiting(services)
        session = session_here(services)
        if session is None or here.interaction is None:
            return flask.redirect(here.address(endpoints.LOGIN), 303)
        return _page(services, here, session)

    @blueprint.post(endpoints.CONSENT)
    def decided() -> Response | str:
        here, form = waiting(services), flask.request.form
        session = session_here(services)
        if session is None or here.interaction is None or here.request is None:
            return flask.redirect(here.address(endpoints.LOGIN), 303)
        if not is_addressee(services, session, here.interaction, form.get("shown_to", "")):
            return _page(services, here, session, changed=True)
        decision = form.get("decision")
        if decision == "allow":
            approved = allow(services, session, here.interaction, here.request)
            return flask.redirect(resumed(services, approved), 303)
        if decision == "deny":
            deny(services, session, here.request)
            return as_response(refuse(services, here.interaction))
        return _page(services, here, session)


def _page(services: IdpServices, here: Waiting, session: SessionFacts, *, changed: bool = False) -> str:
    request, interaction = here.request, here.interaction
    if request is None or interaction is None:
        raise RuntimeError("the consent page was reached without a request")  # both views have checked it
    documents = [detail for detail in request.details if isinstance(detail, SignatureAuthorisation)]
    permissions = permissions_of(request)
    if len(documents) + len(permissions) != len(request.details):
        raise RuntimeError("a type of authorization details has no block on the consent page")
    with services.base.db.read() as connection:
        organisation_id = request.client.organisation_id
        agency = organisations.by_id(connection, organisation_id) if organisation_id else None
        profile = users.profile(connection, session.user_id, services.base.clock.now())
    return flask.render_template(
        "idp/consent.html",
        here=here,
        session=session,
        client=request.client,
        asker_host=_host_of(request),
        agency_name=t(agency.name_vi, agency.name_en) if agency else "",
        attributes=attribute_rows(profile, request),
        office=office_of(profile),
        accesses=access_rows(request),
        authorisations=[(detail, _credential(services, detail.credential_id)) for detail in documents],
        permissions=permissions,
        shown_to=addressee(services, session, interaction),
        changed=changed,
        shared=sharing_words(request),
        lifetime=lifetime_words(services, offline=request.offline),
    )


def permissions_of(request: ConsentRequest) -> list[Shown]:
    """Authorization details in words; those that the page has a block for are not among them."""
    return [shown for detail in request.details if (shown := detail.shown()) is not None]


def sharing_words(request: ConsentRequest) -> str:
    """That other apps of the agency will share this sign-in; "" where they will not."""
    return SCOPE_TEXTS[SCOPE].here() if SCOPE in request.scope else ""


def lifetime_words(services: IdpServices, *, offline: bool) -> str:
    """How long the service may go on reading what it is allowed to."""
    if offline:
        days = services.settings.offline_grant_lifetime_seconds // 86_400
        return t(f"Tối đa {days} ngày, kể cả khi bạn vắng mặt", f"Up to {days} days, also while you are away")
    hours = services.settings.session_total_seconds // 3600
    return t(f"Trong phiên đăng nhập này, tối đa {hours} giờ", f"During this sign-in, at most {hours} hours")


def _credential(services: IdpServices, handle: str) -> Credential | None:
    """The key that would sign; None when it does not exist, which the signing itself will then refuse."""
    try:
        return services.keys.credential(KeyHandle(handle))
    except AntinError:
        return None


def _host_of(request: ConsentRequest) -> str:
    """Where a service that nobody has looked at is known from: the host of its document, or of its return address."""
    client_id = request.client.client_id
    address = client_id if client_id.startswith("https://") else request.redirect_uri
    return urlsplit(address).hostname or address
