"""Demo sign-ins: made once, private, different in every installation; the code helper follows RFC 6238."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from base.errors import StartError
from demo.people import ORGANISATIONS, PEOPLE
from demo.sign_ins import current_code, make_sign_ins, read_sign_ins, sign_ins_file, totp


def test_sign_ins_are_made_once_and_kept_private(tmp_path: Path) -> None:
    made = make_sign_ins(tmp_path)
    assert make_sign_ins(tmp_path) == made == read_sign_ins(tmp_path)
    assert stat.S_IMODE(sign_ins_file(tmp_path).stat().st_mode) == 0o600


def test_no_two_installations_share_a_password(tmp_path: Path) -> None:
    one, two = make_sign_ins(tmp_path / "one"), make_sign_ins(tmp_path / "two")
    assert not {row.password for row in one} & {row.password for row in two}


def test_officials_alone_have_a_second_factor(tmp_path: Path) -> None:
    factors = {row.username: row.totp_secret for row in make_sign_ins(tmp_path)}
    assert {name for name, secret in factors.items() if secret} == {p.username for p in PEOPLE if p.official}
    with pytest.raises(StartError, match="second factor"):
        current_code(tmp_path, "lan", 0)


@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_the_rfc(at: int, code: str) -> None:
    """RFC 6238 Appendix B, the last six of its eight digits."""
    assert totp(base64.b32encode(b"12345678901234567890").decode(), at) == code


def test_people_bring_the_fourteen_profile_claims_and_known_agencies() -> None:
    codes = {organisation.code for organisation in ORGANISATIONS}
    for person in PEOPLE:
        columns = {"name", "gender", "birthdate", "locale", "zoneinfo", "updated_at"}  # from the account's own columns
        assert len(columns | (set(person.attributes()) - {"address"})) == 14
        assert person.official is None or person.official.organisation_code in codes
