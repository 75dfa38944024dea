"""The edges of the identity provider: pages for people, endpoints for programs."""

from __future__ import annotations

import flask

from idp.services import IdpServices


def mount(app: flask.Flask, services: IdpServices) -> None:
    """Mount everything; wsgi.py calls it once."""
    from idp.web import logos, oauth, pages, registration

    oauth.mount(app, services)
    registration.mount(app, services)
    logos.mount(app, services)
    pages.mount(app, services)
