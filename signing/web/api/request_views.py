"""Signature requests: an application puts a document before an official, looks how far it is, fetches the result."""

from __future__ import annotations

import unicodedata

import flask

from signing.flows.api import requests
from signing.flows.api.access import Caller
from signing.flows.api.answers import Answer, given_before
from signing.flows.api.requests import Wanted
from signing.flows.label import clean_label
from signing.services import SigningServices
from signing.web.api.reading import Sent, bad_field, read_sent
from signing.web.api.work_views import as_file, as_json

MOST = {"purpose": 300, "credential": 120, "signer_name": 200, "signer_organisation": 40, "signer_position": 120}
"""Characters of each field."""
FIELDS = (*MOST, "digest", "label")


def create(services: SigningServices, caller: Caller) -> flask.Response:
    """A request that waits for its official."""
    sent = read_sent(services, caller, (), FIELDS)
    before = given_before(services, sent.question)
    if before is not None:
        return as_json(before)
    words = {name: _words(sent, name) for name in MOST}
    label = clean_label(sent.get("label")) if sent.get("label") else sent.name
    wanted = Wanted(document=sent.document, label=label, digest=sent.get("digest"), **words)
    return as_json(requests.create(services, caller, sent.question, wanted))


def show(services: SigningServices, caller: Caller, request_id: str) -> flask.Response:
    """How far it is."""
    request, document = requests.find(services, caller, request_id)
    return as_json(Answer(200, "", requests.described(services, request, document)))


def withdraw(services: SigningServices, caller: Caller, request_id: str) -> flask.Response:
    """Take it back before it is answered."""
    request = requests.withdraw(services, caller, request_id)
    return as_json(Answer(200, "", requests.described(services, request, None)))


def signed(services: SigningServices, caller: Caller, request_id: str) -> flask.Response:
    """The signed document."""
    _request, document = requests.find(services, caller, request_id)
    return as_file(requests.signed_file(services, document))


def _words(sent: Sent, name: str) -> str:
    """A field of text: NFC, printable, not too long. Raises: ApiRefused("bad_field")."""
    found = unicodedata.normalize("NFC", sent.get(name)[: 2 * MOST[name]])
    if len(found) > MOST[name] or not found.isprintable():
        raise bad_field(name, f"printable text of at most {MOST[name]} characters")
    return found
