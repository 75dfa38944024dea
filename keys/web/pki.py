"""
Where certificates point to: /pki/ca/<name>.cer and /pki/crl/<name>.crl, DER. Certificates of earlier versions point to
/pki/<name>.crt and /pki/<name>.crl, which stay. Our trust list is at /pki/tsl.xml.

Source: RFC 2585 §3 (media types); RFC 5280 §4.2.1.13, §4.2.2.1; ETSI TS 119 612 §6.1 (media type).
"""

from __future__ import annotations

import hashlib

import flask

from keys.api import Keys
from keys.errors import KeysUnavailable
from keys.web.ocsp import KEPT_SECONDS

CERTIFICATE_SECONDS = 3600
TRUST_LIST_SECONDS = 300


def mount(app: flask.Flask, keys: Keys) -> None:
    """Add the addresses; 404 for the name of no authority."""

    @app.get("/pki/<name>.crt")
    @app.get("/pki/ca/<name>.cer")
    def authority_certificate(name: str) -> flask.Response:
        return _answer(keys.authority_certificate(_known(name)), "application/pkix-cert", CERTIFICATE_SECONDS)

    @app.get("/pki/<name>.crl")
    @app.get("/pki/crl/<name>.crl")
    def revocation_list(name: str) -> flask.Response:
        return _answer(keys.crl(_known(name)), "application/pkix-crl", KEPT_SECONDS)

    @app.get("/pki/tsl.xml")
    def trust_list() -> flask.Response:
        try:
            return _answer(keys.trust_list(), "application/vnd.etsi.tsl+xml", TRUST_LIST_SECONDS)
        except KeysUnavailable:
            flask.abort(404)

    def _known(name: str) -> str:
        if name not in keys.authority_names():
            flask.abort(404)
        return name


def _answer(der: bytes, media_type: str, seconds: int) -> flask.Response:
    response = flask.Response(der, content_type=media_type)
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.set_etag(hashlib.sha256(der).hexdigest())
    response.make_conditional(flask.request)
    return response
