"""Who lives in the demo city: its agencies, two citizens, one official. Invented, every one of them."""

from __future__ import annotations

from dataclasses import dataclass

from base.texts import Text
from idp.flows.create_organisation import NewOrganisation
from idp.flows.create_user import Official

CITY, DEPARTMENT, WARD = "H17", "H17.22", "H17.101"

ORGANISATIONS = (
    NewOrganisation(CITY, "Ủy ban nhân dân thành phố Đà Nẵng", "Da Nang City People's Committee"),
    NewOrganisation(DEPARTMENT, "Sở Khoa học và Công nghệ", "Department of Science and Technology", CITY),
    NewOrganisation(WARD, "Ủy ban nhân dân phường Hải Châu", "Hải Châu Ward People's Committee", CITY),
)


@dataclass(frozen=True, slots=True)
class Person:
    """
    Somebody in the demo city.

    role:     what to try with this sign-in.
    official: their office; officials also have a second factor.
    address:  street, ward and city.
    """

    username: str
    full_name: str
    role: Text
    email: str
    phone: str
    birthdate: str
    gender: str
    address: tuple[str, str, str]
    nickname: str
    official: Official | None = None

    def formatted_address(self) -> str:
        return ", ".join(self.address)

    def attributes(self) -> dict[str, object]:
        """The standard claims beyond the account's own columns (OpenID Connect Core §5.1)."""
        family, *middle, given = self.full_name.split()
        street, ward, city = self.address
        page = f"https://{self.username}.example.vn"
        return {
            "family_name": family,
            "middle_name": " ".join(middle),
            "given_name": given,
            "nickname": self.nickname,
            "preferred_username": self.username,
            "profile": f"{page}/gioi-thieu",
            "picture": f"{page}/anh.jpg",
            "website": page,
            "address": {
                "formatted": self.formatted_address(),
                "street_address": street,
                "locality": ward,
                "region": city,
                "country": "VN",
            },
        }


PEOPLE = (
    Person(
        username="lan",
        full_name="Nguyễn Thị Lan",
        role=Text("Công dân", "Citizen"),
        email="lan.nguyen@example.vn",
        phone="+84905123456",
        birthdate="1990-05-20",
        gender="female",
        address=("12 Bạch Đằng", "phường Hải Châu", "thành phố Đà Nẵng"),
        nickname="Lan",
    ),
    Person(
        username="dung",
        full_name="Lê Văn Dũng",
        role=Text("Công dân", "Citizen"),
        email="dung.le@example.vn",
        phone="+84914555777",
        birthdate="1976-11-02",
        gender="male",
        address=("45 Nguyễn Văn Linh", "phường Thanh Khê", "thành phố Đà Nẵng"),
        nickname="Dũng",
    ),
    Person(
        username="minh",
        full_name="Trần Quang Minh",
        role=Text("Cán bộ ký văn bản", "Official who signs"),
        email="minh.tran@example.vn",
        phone="+84903888999",
        birthdate="1982-03-14",
        gender="male",
        address=("24 Trần Phú", "phường Hải Châu", "thành phố Đà Nẵng"),
        nickname="Minh",
        official=Official(DEPARTMENT, "Phó Giám đốc", "Deputy Director"),
    ),
)
