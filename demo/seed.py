"""
The seed of the demo city, run by `antin run --demo` before anything is served: agencies, people, the two services'
registrations, sample documents. Running it again changes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson

from base.errors import StartError
from base.ids import new_secret
from base.settings import BaseSettings, Settings
from base.texts import Text
from demo.documents.samples import write_samples
from demo.people import CITY, ORGANISATIONS, PEOPLE, WARD, Person
from demo.settings import Addresses, addresses
from demo.sign_ins import DemoSignIn, make_sign_ins, read_sign_ins
from demo.sites import ONESTOP, PORTAL, clients_file, demo_folder, write_private
from idp.flows import register_client
from idp.flows.create_organisation import create_organisation
from idp.flows.create_user import NewUser, create_user
from idp.services import IdpServices
from signing.services import SigningServices

SCOPES = {PORTAL: "openid profile email phone address", ONESTOP: "openid profile phone"}
"""What each service is registered for."""
ASKED = {PORTAL: (SCOPES[PORTAL], None), ONESTOP: ("openid phone", {"userinfo": {"name": {"essential": True}}})}
"""What it asks for: scope and claims (OpenID Connect Core §5.5). The office needs a name, not the whole profile."""
_NAMES = {
    PORTAL: Text("Cổng dịch vụ công (minh hoạ)", "Public-service portal (demo)"),
    ONESTOP: Text("Một cửa phường Hải Châu (minh hoạ)", "Hải Châu one-stop office (demo)"),
}
_PURPOSES = {
    PORTAL: Text(
        "Điền sẵn tờ khai và giải quyết hồ sơ của Quý công dân", "Filling in your forms and handling your dossiers"
    ),
    ONESTOP: Text("Đặt lịch và tiếp đón Quý công dân tại Bộ phận Một cửa", "Booking and receiving you at the office"),
}
_OWNERS = {PORTAL: CITY, ONESTOP: WARD}


def seed(idp: IdpServices, _signing: SigningServices, settings: Settings) -> list[DemoSignIn]:
    """
    Put the demo city in place. Returns its sign-ins.

    1. Agencies, then people, who may hold office in them.
    2. The services' registrations, with credentials made once and kept in clients.json.
    3. The sample documents.
    """
    data_dir = settings[BaseSettings].data_dir
    for organisation in ORGANISATIONS:
        create_organisation(idp, organisation, if_missing=True)
    made = make_sign_ins(data_dir)
    for person, sign_in in zip(PEOPLE, made, strict=True):
        create_user(idp, _new_user(person, sign_in), if_missing=True)
    _register(idp, addresses(settings), data_dir)
    write_samples(demo_folder(data_dir) / "documents")
    return made


def sign_ins(settings: Settings) -> list[tuple[str, ...]]:
    """Rows of the table that `antin run --demo` prints: what, where or name, password or hint."""
    where = addresses(settings)
    rows: list[tuple[str, ...]] = [
        ("Cổng dịch vụ công · portal", where.portal, ""),
        ("Một cửa · one-stop office", where.onestop, ""),
        ("Văn bản mẫu · sample documents", f"{where.portal}/mau-van-ban", ""),
        ("", "", ""),
        ("Đăng nhập thử · demo sign-ins", "", ""),
    ]
    for person in read_sign_ins(settings[BaseSettings].data_dir):
        rows.append((f"  {person.role}", person.username, person.password))
        if person.totp_secret:
            helper = f"{sys.argv[0]} demo totp {person.username}"  # as antin was called: it need not be on the PATH
            rows.append(("  mã lần hai · second factor", person.totp_secret, helper))
    return rows


def _new_user(person: Person, sign_in: DemoSignIn) -> NewUser:
    return NewUser(
        username=person.username,
        password=sign_in.password,
        full_name=person.full_name,
        email=person.email,
        phone=person.phone,
        birthdate=person.birthdate,
        gender=person.gender,
        address=person.formatted_address(),
        totp=sign_in.totp_secret or False,
        official=person.official,
        attributes=person.attributes(),
    )


def _register(idp: IdpServices, where: Addresses, data_dir: Path) -> None:
    path = clients_file(data_dir)
    kept: dict[str, Any] = {"issuer": where.issuer, "clients": {}}
    if path.exists():
        kept = orjson.loads(path.read_bytes())
    rows: dict[str, Any] = {}
    for key, url in ((PORTAL, where.portal), (ONESTOP, where.onestop)):
        known = kept["clients"].get(key)
        if known is not None and (known["url"], kept["issuer"]) != (url, where.issuer):
            raise _made_for_other_addresses(data_dir, kept["issuer"])
        secret = known["client_secret"] if known else new_secret()
        register_client.register(
            idp,
            client_metadata(key, url),
            organisation_code=_OWNERS[key],
            purpose=_PURPOSES[key],
            client_id=key,
            client_secret=secret,
            if_missing=True,
        )
        scope, claims = ASKED[key]
        rows[key] = {"url": url, "client_id": key, "client_secret": secret, "scope": scope, "claims": claims}
    write_private(path, {"issuer": where.issuer, "clients": rows})


def _made_for_other_addresses(data_dir: Path, issuer: str) -> StartError:
    return StartError(
        f"The demo city in {data_dir} was made for {issuer}. Start it with the same addresses, or take an empty folder "
        "with ANTIN_DATA_DIR.",
        vi=f"Thành phố minh hoạ trong {data_dir} được tạo cho {issuer}. "
        "Hãy chạy với cùng địa chỉ, hoặc chọn thư mục mới bằng ANTIN_DATA_DIR.",
    )


def client_metadata(key: str, url: str) -> dict[str, Any]:
    """The registration of a demo service. Source: RFC 7591 §2; Back-Channel Logout 1.0 §2.2."""
    return {
        "client_name": _NAMES[key].vi,
        "client_name#en": _NAMES[key].en,
        "client_uri": url,
        "redirect_uris": [f"{url}/callback"],
        "post_logout_redirect_uris": [f"{url}/signed-out"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": SCOPES[key],
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "ES256",
        "subject_type": "pairwise",
        "backchannel_logout_uri": f"{url}/backchannel-logout",
        "backchannel_logout_session_required": True,
    }
