"""A person's attributes as a page shows them: the standard claims of OpenID Connect, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from base.clock import shown
from base.texts import Text

_LABELS: dict[str, Text] = {
    "name": Text("Họ và tên", "Full name"),
    "birthdate": Text("Ngày sinh", "Date of birth"),
    "gender": Text("Giới tính", "Gender"),
    "address": Text("Nơi cư trú", "Address"),
    "phone_number": Text("Số điện thoại", "Phone"),
    "email": Text("Thư điện tử", "Email"),
    "family_name": Text("Họ", "Family name"),
    "middle_name": Text("Tên đệm", "Middle name"),
    "given_name": Text("Tên", "Given name"),
    "nickname": Text("Tên thường gọi", "Nickname"),
    "preferred_username": Text("Tên đăng nhập", "User name"),
    "profile": Text("Trang giới thiệu", "Profile page"),
    "picture": Text("Ảnh", "Picture"),
    "website": Text("Trang web", "Website"),
    "zoneinfo": Text("Múi giờ", "Time zone"),
    "locale": Text("Ngôn ngữ", "Language"),
    "updated_at": Text("Cập nhật lúc", "Updated at"),
}
_LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
_GENDERS = {"female": Text("Nữ", "Female"), "male": Text("Nam", "Male")}


def profile_rows(claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Rows (label, value) in the language of the request; claims that are absent are left out."""
    return [(label.here(), _shown(name, claims[name])) for name, label in _LABELS.items() if claims.get(name)]


def _shown(name: str, value: Any) -> str:
    if name == "address" and isinstance(value, Mapping):
        parts = [value.get(part, "") for part in ("street_address", "locality", "region")]
        return str(value.get("formatted") or ", ".join(part for part in parts if part))
    if name == "locale":
        return _LANGUAGES.get(str(value), str(value))
    if name == "gender":
        return _GENDERS[value].here() if value in _GENDERS else str(value)
    if name == "birthdate" and str(value).count("-") == 2:
        year, month, day = str(value).split("-")
        return f"{day}/{month}/{year}"
    if name == "updated_at":
        return shown(int(value))
    return str(value)
