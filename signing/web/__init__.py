"""The pages of this package: verification for everybody, the desk for officials, the API for applications."""

from __future__ import annotations

import flask

from signing.services import SigningServices
from signing.web import codes, desk, trust, verify
from signing.web.api.mount import mount as mount_api


def mount(app: flask.Flask, services: SigningServices) -> None:
    """Add our templates and pages to the application."""
    app.register_blueprint(flask.Blueprint("signing", __name__, template_folder="templates"))
    verify.mount(app, services)
    codes.mount(app, services)
    trust.mount(app, services)
    desk.mount(app, services)
    mount_api(app, services)
