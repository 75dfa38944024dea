"""Building a demo service: the shared web shell under the service's own name, with the mechanics of a relying party."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import flask

from base.services import BaseServices
from base.texts import Text
from base.web.front import Lead
from base.web.shell import Road, Way, make_app
from demo.relying_party import RelyingParty
from demo.sites import Site, open_site

Views = Callable[[flask.Flask, RelyingParty], None]


def build(
    key: str, *, name: Text, lead: Lead, roads: Sequence[Road], account: Way, footer: Sequence[Way], views: Views
) -> flask.Flask:
    """The application of the service `key`, from the seed's files in the data folder."""
    site, services = open_site(key, os.environ)
    return dress(site, services, name=name, lead=lead, roads=roads, account=account, footer=footer, views=views)


def dress(
    site: Site,
    services: BaseServices,
    *,
    name: Text,
    lead: Lead,
    roads: Sequence[Road],
    account: Way,
    footer: Sequence[Way],
    views: Views,
) -> flask.Flask:
    """The same from facts in hand."""
    app = make_app(
        services,
        name=name,
        roads=roads,
        cookie_key=cookie_key(site.folder),
        account=account,
        footer=(*footer, Way(site.issuer, Text("Ấn Tín", "Ấn Tín"))),
        lead=lead,
    )
    app.register_blueprint(flask.Blueprint("demo", __name__, template_folder="templates"))
    views(app, RelyingParty(app, site, services))
    return app


def cookie_key(folder: Path) -> bytes:
    """The key of this service's forms: 32 random bytes, made at first start."""
    path = folder / "cookie.key"
    if not path.exists():
        draft = path.with_suffix(".part")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(32))
        draft.replace(path)
    return path.read_bytes()
