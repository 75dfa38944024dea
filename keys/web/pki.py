"""
Where certificates point to: /pki/root.crt, /pki/issuing.crt, /pki/root.crl, /pki/issuing.crl, all DER.

Source: RFC 2585 §3 (media types); RFC 5280 §4.2.1.13, §4.2.2.1.
"""

from __future__ import annotations

import flask

from keys.api import Keys

ROLES = ("root", "issuing")
CERTIFICATE_SECONDS = 3600
LIST_SECONDS = 60
"""A cache may be this far behind a revocation."""


def mount(app: flask.Flask, keys: Keys) -> None:
    """Add the four addresses; any other name under /pki is unknown."""

    @app.get("/pki/<any(root, issuing):role>.crt")  # in certificates of earlier versions
    @app.get("/pki/ca/<any(root, issuing):role>.cer")
    def authority_certificate(role: str) -> flask.Response:
        found = keys.trust_anchors() if role == "root" else keys.issuer_certificates()
        return _answer(found[0], "application/pkix-cert", CERTIFICATE_SECONDS)

    @app.get("/pki/<any(root, issuing):role>.crl")
    @app.get("/pki/crl/<any(root, issuing):role>.crl")
    def revocation_list(role: str) -> flask.Response:
        return _answer(keys.crl(role), "application/pkix-crl", LIST_SECONDS)


def _answer(der: bytes, media_type: str, seconds: int) -> flask.Response:
    response = flask.Response(der, content_type=media_type)
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
