"""Every page of the provider that a person sees, on one blueprint."""

from __future__ import annotations

from pathlib import Path

import flask

from base.web.assets import add_static
from idp.services import IdpServices
from idp.web import (
    account,
    check_session,
    consent,
    device,
    login,
    logout,
    new_account,
    own_factors,
    requests,
    second_step,
)
from idp.web.attributes import delivery_words
from idp.web.visits import mount_stale


def mount(app: flask.Flask, services: IdpServices) -> None:
    """Mount the sign-in, consent, account and logout pages."""
    blueprint = flask.Blueprint("idp_pages", __name__, template_folder="templates")
    add_static(app, Path(__file__).parent / "static")
    app.jinja_env.globals.update(delivery_words=delivery_words)
    login.mount(blueprint, app, services)
    for part in (second_step, new_account, consent, device, requests, account, own_factors, logout, check_session):
        part.mount(blueprint, services)
    mount_stale(blueprint, services)
    app.register_blueprint(blueprint)
