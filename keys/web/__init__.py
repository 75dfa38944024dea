"""Thin edges of keys: the authorities' certificates and revocation lists, and the time-stamp authority."""

from __future__ import annotations

import flask

from keys.api import Keys
from keys.web import pki, tsa


def mount(app: flask.Flask, keys: Keys) -> None:
    """GET /pki/{root,issuing}.{crt,crl} and POST /tsa."""
    pki.mount(app, keys)
    tsa.mount(app, keys)
