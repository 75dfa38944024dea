"""Claims of tokens."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.authorization import Authorization, Proof, authorization_from, encode_details
from idp.protocol.id_token import half_hash, id_token
from idp.protocol.interaction import Interaction, decode, encode
from idp.protocol.person_claims import PersonRecord, Position, personal_claims
from idp.protocol.token_claims import audience_of, machine_token, person_token
from tests.unit.idp.protocol.requests import client

ISSUER, API = "https://op.example.vn", "https://api.example.vn"
GRANTED = Authorization(
    id="grt_1",
    client_id="portal",
    user_id="usr_1",
    session_id="ses_1",
    scope=frozenset({"openid", "profile"}),
    proof=Proof("urn:vn:xt:2", ("otp", "pwd", "mfa"), 900, 950, "sid"),
    nonce="n",
    userinfo_claims=("email",),
    id_token_claims=("name",),
    details=({"type": "t", "label": "Quyết định"},),
    expires_at=1300,
)


def test_an_authorization_survives_its_row() -> None:
    row = ("grt_1", "portal", "usr_1", "ses_1", "openid profile", encode_details(GRANTED), 1300)
    assert authorization_from(*row) == GRANTED


@pytest.mark.parametrize(
    ("resource", "scope", "has_details", "audience"),
    [
        (None, {"openid"}, False, ISSUER),
        (None, {"openid"}, True, ISSUER),
        (API, {"openid"}, False, ISSUER),
        (API, {"openid"}, True, API),
        (API, {"records.read"}, False, API),
        (API, set(), False, API),
    ],
)
def test_one_audience(resource: str | None, scope: set[str], has_details: bool, audience: str) -> None:
    of = client(resource=resource)
    assert audience_of(of, ISSUER, scope=frozenset(scope), has_details=has_details) == audience


def test_a_persons_token_ends_with_its_grant() -> None:
    claims = person_token(
        client(), GRANTED, scope=frozenset({"openid"}), audience=API, subject="s", issuer=ISSUER, jti="j",
        now=1000, lifetime=600,
    )  # fmt: skip
    assert claims == {
        "iss": ISSUER,
        "sub": "s",
        "aud": API,
        "client_id": "portal",
        "scope": "openid",
        "iat": 1000,
        "exp": 1300,
        "jti": "j",
        "gid": "grt_1",
        "acr": "urn:vn:xt:2",
        "auth_time": 900,
        "otp_time": 950,
        "authorization_details": [{"type": "t", "label": "Quyết định"}],
    }


def test_a_machines_token_has_no_person_in_it() -> None:
    scope = frozenset({"a", "b"})
    claims = machine_token(client(), scope=scope, audience=API, issuer=ISSUER, jti="j", now=1000, lifetime=600)
    assert claims["sub"] == claims["client_id"] == "portal"
    assert claims["scope"] == "a b"
    assert not {"gid", "acr", "auth_time"} & claims.keys()


def test_id_token() -> None:
    claims = id_token(
        GRANTED, subject="s", issuer=ISSUER, access_token="at", alg="ES256", nonce=None,
        personal={"name": "Lan", "sub": "planted"}, now=1000, lifetime=600,
    )  # fmt: skip
    assert claims == {
        "iss": ISSUER,
        "sub": "s",
        "aud": "portal",
        "iat": 1000,
        "exp": 1600,
        "auth_time": 900,
        "acr": "urn:vn:xt:2",
        "amr": ["otp", "pwd", "mfa"],
        "at_hash": half_hash("at", "ES256"),
        "sid": "sid",
        "name": "Lan",
    }


def test_an_id_token_is_tied_to_what_travels_with_it() -> None:
    claims = id_token(
        GRANTED, subject="s", issuer=ISSUER, access_token=None, alg="EdDSA", nonce="n", personal={}, now=1000,
        lifetime=600, code="c", state="st",
    )  # fmt: skip
    assert (claims["c_hash"], claims["s_hash"]) == (half_hash("c", "EdDSA"), half_hash("st", "EdDSA"))
    assert "at_hash" not in claims


def test_at_hash_by_definition() -> None:
    token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    for alg in ("RS256", "PS256", "ES256"):
        assert half_hash(token, alg) == "77QmUPtjPfzWtF2AnpK9RQ"  # OpenID Connect Core, appendix A.3
    assert half_hash("x", "EdDSA") == base64.urlsafe_b64encode(hashlib.sha512(b"x").digest()[:32]).decode().rstrip("=")


def test_absent_data_is_left_out() -> None:
    record = PersonRecord("Lan", None, False, "+84", True, None, None, None, "vi", '{"nickname": "L", "sub": "x"}', 5)
    wanted = ["name", "email", "email_verified", "phone_number", "phone_number_verified", "nickname", "gender", "sub"]
    assert personal_claims(record, wanted) == {
        "name": "Lan",
        "phone_number": "+84",
        "phone_number_verified": True,
        "nickname": "L",
    }
    assert personal_claims(record, ["position", "organisation"]) == {}


def test_an_official() -> None:
    position = Position("G01", "Bộ Nội vụ", "Chánh Văn phòng")
    record = PersonRecord("Lan", None, False, None, False, None, None, "Hà Nội", "vi", None, 5, position)
    assert personal_claims(record, ["position", "organisation", "address"]) == {
        "organisation": {"code": "G01", "name": "Bộ Nội vụ"},
        "position": {"title": "Chánh Văn phòng"},
        "address": {"formatted": "Hà Nội"},
    }


@given(st.dictionaries(st.text(), st.text()), st.sets(st.sampled_from(["login", "code", "consent"])))
def test_an_interaction_survives_its_encoding(parameters: dict[str, str], done: set[str]) -> None:
    interaction = Interaction("tx_1", parameters, 5, "b", frozenset(done))
    assert decode(encode(interaction)) == interaction
