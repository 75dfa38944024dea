"""Authorisation of a signature: every member is checked, and what comes out is what was shown."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from idp.errors import OAuthError
from idp.protocol.details import DETAIL_TYPES, parse_details
from idp.protocol.details.credential import MOST_DOCUMENTS, SHA256_OID, TYPE

RAW = hashlib.sha256(b"document").digest()
HASH = base64.b64encode(RAW).decode()


def item(**changes: Any) -> dict[str, Any]:
    made = {
        "type": TYPE,
        "credentialID": "key_abc",
        "numSignatures": 1,
        "documentDigests": [{"hash": HASH, "label": "Quyết định 12/QĐ", "hashType": "SDR"}],
        "hashAlgorithmOID": SHA256_OID,
    } | changes
    return {name: value for name, value in made.items() if value is not ...}


def digest(**changes: Any) -> dict[str, Any]:
    made = {"hash": HASH, "label": "x", "hashType": "SDR"} | changes
    return {name: value for name, value in made.items() if value is not ...}


def test_a_valid_one_comes_back_as_it_was() -> None:
    (detail,) = parse_details(json.dumps([item()]))
    assert detail.as_json() == item()
    assert detail.needs_second_factor


@pytest.mark.parametrize("member", ["credentialID", "numSignatures", "documentDigests", "hashAlgorithmOID"])
def test_every_member_is_needed(member: str) -> None:
    with pytest.raises(OAuthError):
        parse_details(json.dumps([item(**{member: ...})]))


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"credentialID": ""},
        {"credentialID": 1},
        {"credentialID": "k" * 101},
        {"credentialID": "khóa"},
        {"numSignatures": 2},
        {"numSignatures": 0},
        {"numSignatures": True},
        {"numSignatures": "1"},
        {"hashAlgorithmOID": "1.3.14.3.2.26"},
        {"documentDigests": []},
        {"documentDigests": {}},
        {"documentDigests": [digest(), digest(label="the same twice")], "numSignatures": 2},
        {"documentDigests": [digest(hash=HASH[:-4])]},
        {"documentDigests": [digest(hash=base64.urlsafe_b64encode(b"\xff" * 32).decode())]},
        {"documentDigests": [digest(hash=HASH + "\n")]},
        {"documentDigests": [digest(hash=1)]},
        {"documentDigests": [digest(label="")]},
        {"documentDigests": [digest(label="   ")]},
        {"documentDigests": [digest(label="safe\u202efdp.exe")]},
        {"documentDigests": [digest(label="two\nlines")]},
        {"documentDigests": [digest(label="x" * 201)]},
        {"documentDigests": [digest(label=...)]},
        {"documentDigests": [digest(hashType="DTBSR")]},
        {"documentDigests": [digest(circumventive=True)]},
    ],
    ids=str,
)
def test_wrong_members(changes: dict[str, Any]) -> None:
    with pytest.raises(OAuthError) as caught:
        parse_details(json.dumps([item(**changes)]))
    assert caught.value.code == "invalid_authorization_details"


def test_too_many() -> None:
    digests = [
        digest(hash=base64.b64encode(hashlib.sha256(bytes([number])).digest()).decode())
        for number in range(MOST_DOCUMENTS + 1)
    ]
    assert parse_details(json.dumps([item(documentDigests=digests[:-1], numSignatures=MOST_DOCUMENTS)]))
    with pytest.raises(OAuthError):
        parse_details(json.dumps([item(documentDigests=digests, numSignatures=MOST_DOCUMENTS + 1)]))
    with pytest.raises(OAuthError):
        parse_details(json.dumps([item()] * 6))


def test_the_table_is_keyed_by_type() -> None:
    assert all(kind.type == name for name, kind in DETAIL_TYPES.items())
