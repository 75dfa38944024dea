"""Thin edges of keys: the authorities' certificates and lists, the OCSP responder, and the time-stamp authority."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import flask

from base.web.edge import Handler, as_view
from keys.api import Keys
from keys.web import ocsp, pki, tsa


def mount(app: flask.Flask, keys: Keys) -> None:
    """GET /pki/ca/<name>.cer, /pki/crl/<name>.crl, /pki/tsl.xml, /pki/ocsp/<request>; POST /pki/ocsp, /pki/tsa."""
    pki.mount(app, keys)
    for path, handler in routes(keys).items():
        app.add_url_rule(path, path.strip("/").replace("/", "_"), as_view(handler), methods=["GET", "POST"])
    for prefix, handler in prefixes(keys).items():
        rule = f"{prefix}<path:request>"  # base64 has slashes, also two in a row
        endpoint = prefix.strip("/").replace("/", "_") + "_get"
        app.add_url_rule(rule, endpoint, as_view(handler), methods=["GET"], merge_slashes=False)


def routes(keys: Keys) -> Mapping[str, Handler]:
    """What the hot edge answers, by path."""
    responder = partial(ocsp.ocsp_endpoint, keys)
    stamper = partial(tsa.tsa_endpoint, keys)
    return {ocsp.PATH: responder, tsa.PATH: stamper, tsa.OLD_PATH: stamper}


def prefixes(keys: Keys) -> Mapping[str, Handler]:
    """What the hot edge answers for every path that begins so."""
    return {ocsp.GET_PREFIX: partial(ocsp.ocsp_endpoint, keys)}
