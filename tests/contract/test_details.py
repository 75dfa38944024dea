"""What every type of authorization details must do. A new entry of DETAIL_TYPES needs a line in HONEST and joins."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import idp
from idp.errors import OAuthError
from idp.protocol.details import DETAIL_TYPES, case_file, fee, is_lasting, narrowed_details, parse_details
from idp.protocol.details.credential import SHA256_OID, TYPE

HONEST: Mapping[str, dict[str, Any]] = {
    TYPE: {
        "type": TYPE,
        "credentialID": "key_abc",
        "numSignatures": 1,
        "documentDigests": [
            {
                "hash": base64.b64encode(hashlib.sha256(b"document").digest()).decode(),
                "label": "Quyết định",
                "hashType": "SDR",
            }
        ],
        "hashAlgorithmOID": SHA256_OID,
    },
    case_file.TYPE: {"type": case_file.TYPE, "identifier": "H17.12-251101-0042", "actions": ["read", "follow"]},
    fee.TYPE: {
        "type": fee.TYPE,
        "identifier": "TB-2025/0042",
        "payee": "Kho bạc Nhà nước Đà Nẵng",
        "purpose": "Lệ phí cấp giấy phép xây dựng",
        "instructedAmount": {"currency": "VND", "amount": "150000"},
    },
}


def test_there_is_an_honest_example_of_every_type() -> None:
    assert HONEST.keys() == DETAIL_TYPES.keys()


@pytest.mark.parametrize("name", DETAIL_TYPES)
def test_what_was_asked_is_what_is_granted(name: str) -> None:
    (detail,) = parse_details(json.dumps([HONEST[name]]))
    assert detail.type == name
    assert detail.as_json() == HONEST[name]
    assert parse_details(json.dumps([detail.as_json()])) == (detail,)


@pytest.mark.parametrize("name", DETAIL_TYPES)
def test_a_member_that_could_not_be_shown_is_refused(name: str) -> None:
    with pytest.raises(OAuthError) as caught:
        parse_details(json.dumps([HONEST[name] | {"somethingElse": True}]))
    assert caught.value.code == "invalid_authorization_details"


@pytest.mark.parametrize("name", DETAIL_TYPES)
def test_every_missing_or_mistyped_member_is_refused(name: str) -> None:
    for member in HONEST[name].keys() - {"type"}:
        for wrong in (None, 17, {"a": 1}, ["a"], ""):
            with pytest.raises(OAuthError):
                parse_details(json.dumps([HONEST[name] | {member: wrong}]))


@pytest.mark.parametrize("name", DETAIL_TYPES)
def test_it_is_immutable(name: str) -> None:
    (detail,) = parse_details(json.dumps([HONEST[name]]))
    with pytest.raises(AttributeError):
        detail.type = "other"  # type: ignore[misc]  # that it cannot be set is the point


def test_the_consent_page_shows_details() -> None:
    page = (Path(idp.__file__).parent / "web/templates/idp/consent.html").read_text("utf-8")
    assert "detail" in page
    assert "permission(asked)" in page


@pytest.mark.parametrize("name", DETAIL_TYPES)
def test_every_member_is_shown_in_both_languages(name: str) -> None:
    (detail,) = parse_details(json.dumps([HONEST[name]]))
    shown = detail.shown()
    if shown is None:
        return  # the page has a block made for it
    for language in ("vi", "en"):
        said = " ".join(value.within(language) for row in shown.rows for value in row)
        assert HONEST[name]["identifier"] in said
        assert len(shown.rows) >= len(HONEST[name]) - 1


@pytest.mark.parametrize("name", DETAIL_TYPES)
def test_it_covers_itself_and_nothing_else(name: str) -> None:
    granted = [HONEST[name]]
    assert narrowed_details(json.dumps(granted), granted) == parse_details(json.dumps(granted))
    for other in HONEST.values():
        if other is not HONEST[name]:
            with pytest.raises(OAuthError):
                narrowed_details(json.dumps([other]), granted)
    with pytest.raises(OAuthError):
        narrowed_details(json.dumps(granted), [])


@pytest.mark.parametrize("name", DETAIL_TYPES)
def test_what_is_spent_once_is_not_lasting(name: str) -> None:
    (detail,) = parse_details(json.dumps([HONEST[name]]))
    assert is_lasting([HONEST[name]]) is not detail.is_spent_once
