"""
The demo sign-ins: passwords and second-factor secrets, made once per installation and kept in
`<data_dir>/demo/sign-ins.json` (0600). The product itself has no default account.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import orjson

from base.errors import StartError
from demo.people import PEOPLE, Person
from demo.sites import demo_folder, write_private

_WORDS = (
    "bien song nui dong cau hoa sen lua tre dua muoi gio nang may sao cat da rung suoi ho chim ca thuyen buom "
    "den trong chuong vuon lang pho ben cho duong xanh vang tim hong trang sang cao rong lon nho moi em nhanh"
)
STEP_SECONDS = 30
SECRET_BYTES = 20


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One way into the demo; `totp_secret` is base32, None for people without a second factor."""

    username: str
    full_name: str
    role: str
    password: str
    totp_secret: str | None

    def otpauth(self) -> str:
        """The address that authenticator apps read."""
        label = quote(f"Ấn Tín:{self.username}")
        return f"otpauth://totp/{label}?secret={self.totp_secret}&issuer={quote('Ấn Tín')}" if self.totp_secret else ""


def sign_ins_file(data_dir: Path) -> Path:
    return demo_folder(data_dir) / "sign-ins.json"


def make_sign_ins(data_dir: Path) -> list[DemoSignIn]:
    """The sign-ins of everybody; those that are missing are made and kept."""
    path = sign_ins_file(data_dir)
    kept = orjson.loads(path.read_bytes()) if path.exists() else {}
    rows = {person.username: kept.get(person.username) or _made(person) for person in PEOPLE}
    if rows != kept:
        write_private(path, rows)
    return read_sign_ins(data_dir)


def read_sign_ins(data_dir: Path) -> list[DemoSignIn]:
    """
    The sign-ins of a seeded demo.

    Raises: StartError: the seed has not run.
    """
    path = sign_ins_file(data_dir)
    try:
        rows = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StartError(f"{path} cannot be read. Start with `antin run --demo`.") from error
    return [
        DemoSignIn(
            person.username,
            person.full_name,
            f"{person.role.vi} · {person.role.en}",
            rows[person.username]["password"],
            rows[person.username]["totp_secret"],
        )
        for person in PEOPLE
        if person.username in rows
    ]


def current_code(data_dir: Path, username: str, now: int) -> tuple[str, int]:
    """
    The six digits of somebody's second factor at `now`, and for how many more seconds they hold.

    Raises: StartError: no such person, or no second factor.
    """
    found = next((row for row in read_sign_ins(data_dir) if row.username == username), None)
    if found is None or found.totp_secret is None:
        raise StartError(f"{username} has no second factor in this demo.")
    return totp(found.totp_secret, now), STEP_SECONDS - now % STEP_SECONDS


def totp(secret: str, at: int) -> str:
    """Source: RFC 6238 §4.2 (time steps of 30 s), RFC 4226 §5.3 (six digits, SHA-1)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", at // STEP_SECONDS), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def _made(person: Person) -> dict[str, str | None]:
    words = "-".join(secrets.choice(_WORDS.split()) for _ in range(4))
    return {
        "password": f"{words}-{secrets.randbelow(9000) + 1000}",
        "totp_secret": base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode() if person.official else None,
    }
