"""Attributes of a person as rows for people: on the consent page and on the account page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from base.clock import shown
from base.texts import Text
from base.web.texts import current_lang, t
from idp.flows.interactions import ConsentRequest
from idp.protocol.person_claims import personal_claims
from idp.store.users import Profile

Row = tuple[str, str]
_ABSENT = Text("(chưa có trong hồ sơ)", "(not on record)")
_WORDS = {
    "male": Text("Nam", "Male"),
    "female": Text("Nữ", "Female"),
    "other": Text("Khác", "Other"),
    "vi": Text("Tiếng Việt", "Vietnamese"),
    "en": Text("Tiếng Anh", "English"),
}
_DELIVERIES = {
    "": Text("Dịch vụ này không nhận được báo đăng xuất", "This service cannot be told"),
    "browser": Text(
        "Dịch vụ này được báo qua trình duyệt lúc bạn đăng xuất", "Told through the browser in which you sign out"
    ),
    "due": Text("Đang báo đăng xuất…", "Being told…"),
    "delivered": Text("Dịch vụ đã được báo và đã đăng xuất", "Told and signed out"),
    "failed": Text("Không báo được; dịch vụ sẽ tự hết phiên", "Could not be told; its own session will run out"),
}


def attribute_rows(profile: Profile, request: ConsentRequest) -> list[Row]:
    """
    Every attribute the service asks for, with the value it would get.

    Whether an address is verified stands beside the address. One that is not on record is said only where the person
    might expect it: of fourteen standard claims most people have six, and a list of absences hides what is sent.
    """
    values = personal_claims(profile.record, (attribute.name for attribute in request.attributes))
    rows = []
    for attribute in request.attributes:
        name = attribute.name
        if name in values and name.removesuffix("_verified") not in _merged(values, name):
            verified = values.get(f"{name}_verified")
            said = shown_value(name, values[name])
            rows.append((attribute.text.here(), said if verified is None else f"{said} ({_verified(verified)})"))
        elif name not in values and (attribute.essential or name in _ALWAYS_SAID):
            rows.append((attribute.text.here(), _ABSENT.here()))
    return rows


def _merged(values: Mapping[str, Any], name: str) -> set[str]:
    """The attribute whose row already tells what `name` would."""
    base = name.removesuffix("_verified")
    return {base} if base != name and base in values else set()


def _verified(value: bool) -> str:
    return t("đã xác minh", "verified") if value else t("chưa xác minh", "not verified")


_ALWAYS_SAID = frozenset({"email", "phone_number", "address", "organisation", "position"})


def access_rows(request: ConsentRequest) -> list[Row]:
    """Every resource server that the service will reach, with what it may do there."""
    nothing = t("(không nêu quyền cụ thể)", "(no particular permission)")
    return [
        (access.resource.here(), "; ".join(word.here() for word in access.allowed) or nothing)
        for access in request.accesses
    ]


def profile_rows(profile: Profile) -> list[Row]:
    """The account page's profile."""
    record = profile.record
    rows = [
        (t("Tên đăng nhập", "Sign-in name"), profile.username),
        (t("Ngày sinh", "Date of birth"), shown_value("birthdate", record.birthdate or "")),
        (t("Giới tính", "Gender"), shown_value("gender", record.gender or "")),
        (t("Thư điện tử", "E-mail"), record.email or ""),
        (t("Điện thoại", "Phone"), record.phone or ""),
        (t("Địa chỉ", "Address"), record.address or ""),
    ]
    for position in profile.positions:
        rows.append((t("Cơ quan", "Organisation"), t(position.organisation_vi, position.organisation_en)))
        rows.append((t("Chức vụ", "Position"), t(position.title_vi, position.title_en)))
    application = t("Ứng dụng xác thực (TOTP)", "Authenticator application (TOTP)")
    second = application if profile.has_totp else t("Chưa có", "None")
    return [*rows, (t("Lớp xác thực thứ hai", "Second factor"), second)]


def office_of(profile: Profile) -> str:
    """Title and agency of an official's first office, "" without one."""
    if not profile.positions:
        return ""
    first = profile.positions[0]
    return t(f"{first.title_vi}, {first.organisation_vi}", f"{first.title_en}, {first.organisation_en}")


def shown_value(name: str, value: Any) -> str:
    """A claim's value as people read it: dates dd/mm/yyyy, yes and no in words, objects by their main member."""
    if isinstance(value, bool):
        return t("Có", "Yes") if value else t("Chưa", "No")
    if name == "updated_at":
        return shown(int(value))
    if name == "birthdate" and len(str(value)) == 10:
        year, month, day = str(value).split("-")
        return f"{day}/{month}/{year}"
    if isinstance(value, dict):
        parts = value.get("formatted") or value.get("name") or value.get("title") or ", ".join(map(str, value.values()))
        return str(parts)
    word = _WORDS.get(str(value)) if name in ("gender", "locale") else None
    return word.within(current_lang()) if word else str(value)


def delivery_words(state: str) -> Text:
    """The state of telling a service about a logout."""
    return _DELIVERIES[state]
