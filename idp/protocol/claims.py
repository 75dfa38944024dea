"""
Which claims exist, which scope opens which, and how each is named to a person on the consent page.

Source: OpenID Connect Core §5.1, §5.4, §5.5. `official`, `organisation` and `position` are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from base.texts import Text
from idp.errors import OAuthError

SCOPES: Mapping[str, tuple[str, ...]] = {
    "openid": ("sub",),
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
    "official": ("organisation", "position"),
    "offline_access": (),
    "device_sso": (),
}
"""Scope → claims it opens at the userinfo endpoint."""

SCOPE_TEXTS: Mapping[str, Text] = {
    "profile": Text("Thông tin cá nhân", "Personal details"),
    "email": Text("Địa chỉ thư điện tử", "E-mail address"),
    "phone": Text("Số điện thoại", "Phone number"),
    "address": Text("Địa chỉ liên hệ", "Postal address"),
    "official": Text("Cơ quan và chức vụ", "Organisation and position"),
    "offline_access": Text("Truy cập khi bạn không trực tuyến", "Access while you are away"),
    "device_sso": Text(
        "Đăng nhập chung với các ứng dụng khác của cơ quan trên thiết bị này",
        "One sign-in for the agency's other apps on this device",
    ),
}

CLAIM_TEXTS: Mapping[str, Text] = {
    "name": Text("Họ và tên", "Full name"),
    "family_name": Text("Họ", "Family name"),
    "given_name": Text("Tên", "Given name"),
    "middle_name": Text("Tên đệm", "Middle name"),
    "nickname": Text("Biệt danh", "Nickname"),
    "preferred_username": Text("Tên thường dùng", "Preferred name"),
    "profile": Text("Trang cá nhân", "Profile page"),
    "picture": Text("Ảnh", "Picture"),
    "website": Text("Trang web", "Website"),
    "gender": Text("Giới tính", "Gender"),
    "birthdate": Text("Ngày sinh", "Date of birth"),
    "zoneinfo": Text("Múi giờ", "Time zone"),
    "locale": Text("Ngôn ngữ", "Language"),
    "updated_at": Text("Thời điểm cập nhật hồ sơ", "When the record was last updated"),
    "email": Text("Địa chỉ thư điện tử", "E-mail address"),
    "email_verified": Text("Thư điện tử đã xác minh hay chưa", "Whether the e-mail address is verified"),
    "phone_number": Text("Số điện thoại", "Phone number"),
    "phone_number_verified": Text("Số điện thoại đã xác minh hay chưa", "Whether the phone number is verified"),
    "address": Text("Địa chỉ liên hệ", "Postal address"),
    "organisation": Text("Cơ quan công tác", "Organisation"),
    "position": Text("Chức vụ", "Position"),
}
PERSONAL = frozenset(CLAIM_TEXTS)
"""Every claim about a person that a service can ask for by name."""

PROTOCOL_CLAIMS = frozenset({"sub", "iss", "auth_time", "acr"})
"""Claims that say nothing beyond the act of signing in; no consent is asked for them."""


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """One member of the claims parameter: essential or not, and the values that are wanted."""

    essential: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """The claims parameter; claims that we do not know are left out (OpenID Connect Core §5.5)."""

    userinfo: Mapping[str, ClaimRequest]
    id_token: Mapping[str, ClaimRequest]

    @property
    def personal(self) -> frozenset[str]:
        """Personal claims asked for by name, wherever they are to be delivered."""
        return PERSONAL & (self.userinfo.keys() | self.id_token.keys())


NO_CLAIMS = ClaimsRequest({}, {})
_MOST_CLAIMS = 50


def parse_claims(unverified: str) -> ClaimsRequest:
    """
    The `claims` parameter as typed values.

    Raises:  OAuthError("invalid_request"): not a JSON object of objects.
    Source:  OpenID Connect Core §5.5.
    """
    try:
        asked: Any = json.loads(unverified)
    except (ValueError, RecursionError):
        raise OAuthError("invalid_request", "claims is not JSON") from None
    if not isinstance(asked, dict):
        raise OAuthError("invalid_request", "claims must be an object")
    return ClaimsRequest(_member(asked.get("userinfo")), _member(asked.get("id_token")))


def _member(asked: Any) -> Mapping[str, ClaimRequest]:
    if asked is None:
        return {}
    if not isinstance(asked, dict) or len(asked) > _MOST_CLAIMS:
        raise OAuthError("invalid_request", "a member of claims is not an object or is too long")
    known = PERSONAL | PROTOCOL_CLAIMS
    return {name: _request(wish) for name, wish in asked.items() if name in known}


def _request(wish: Any) -> ClaimRequest:
    if wish is None:
        return ClaimRequest()
    if not isinstance(wish, dict):
        raise OAuthError("invalid_request", "a claim request must be null or an object")
    values = wish.get("values", [wish["value"]] if "value" in wish else [])
    if not isinstance(values, list):
        raise OAuthError("invalid_request", "values of a claim request must be an array")
    return ClaimRequest(wish.get("essential") is True, tuple(str(value) for value in values[:_MOST_CLAIMS]))


def claims_of_scopes(scope: frozenset[str]) -> frozenset[str]:
    """The personal claims that these scopes open at userinfo."""
    return frozenset(name for word in scope for name in SCOPES.get(word, ())) & PERSONAL


def scopes_of_claims(names: Iterable[str]) -> frozenset[str]:
    """The scopes that would open these personal claims: who asks for one by name asks for what its scope guards."""
    wanted = PERSONAL.intersection(names)
    return frozenset(word for word, opened in SCOPES.items() if not wanted.isdisjoint(opened))
