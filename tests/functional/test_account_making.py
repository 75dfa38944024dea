"""Making accounts and agencies, from flows and from the command line."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from base.errors import AntinError
from idp.accounts.totp import new_totp_secret
from idp.cli import register
from idp.flows.create_organisation import NewOrganisation, create_organisation
from idp.flows.create_user import NewUser, Official, create_user
from idp.models import totp_credentials, users
from idp.oauth.subjects import public_subject
from tests.functional.idp_site import PASSWORD, Site


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "HONG"}, "username_taken"),
        ({"username": "\u00d0uc"}, "username_character"),
        ({"full_name": "Nguyễn \u00d0ức"}, "full_name"),
        ({"password": "too short"}, "password_too_short"),
        ({"password": "sokhoahocvacongnghe", "official": Official("H17", "Chuyên viên")}, "password_context"),
        ({"official": Official("nowhere", "Chuyên viên")}, "organisation_unknown"),
        ({"totp": "JBSWY3DP"}, "totp_secret"),
    ],
)
def test_refused(site: Site, changes: dict[str, object], code: str) -> None:
    create_organisation(site.services, NewOrganisation("H17", "Sở Khoa học và Công nghệ"))
    site.add_user("hong")
    new = {"username": "minh", "password": PASSWORD, "full_name": "Trần Văn Minh", **changes}
    with pytest.raises(AntinError) as refused:
        create_user(site.services, NewUser(**new))  # type: ignore[arg-type]  # the table mixes fields
    assert refused.value.code == code
    with site.services.base.db.read() as connection:
        assert connection.execute(select(users.c.username)).scalars().all() == ["hong"]


def test_secrets_are_not_readable_in_the_database(site: Site) -> None:
    secret = new_totp_secret()
    first, _ = site.add_user("minh", totp=secret)
    second, _ = site.add_user("lan", totp=secret)
    with site.services.base.db.read() as connection:
        rows = dict(connection.execute(select(totp_credentials.c.user_id, totp_credentials.c.sealed_secret)).all())
        stored = connection.execute(select(users.c.password_hash)).scalars().all()
    assert all(secret.encode() not in sealed for sealed in rows.values())
    assert all(one.startswith("$argon2id$") for one in stored)
    assert site.services.keys.unseal(rows[first], f"idp.totp|{first}") == secret.encode()
    with pytest.raises(AntinError):
        site.services.keys.unseal(rows[first], f"idp.totp|{second}")  # cannot be moved to another account


def test_again_with_if_missing_changes_nothing(site: Site) -> None:
    user_id, _ = site.add_user("minh", totp=True)
    new = NewUser("minh", "another long password here", "X", totp=True)
    again = create_user(site.services, new, if_missing=True)
    assert (again.user_id, again.totp_secret) == (user_id, None)
    first = create_organisation(site.services, NewOrganisation("H17", "Đà Nẵng"))
    assert create_organisation(site.services, NewOrganisation("H17", "Khác"), if_missing=True) == first
    with pytest.raises(AntinError):
        create_organisation(site.services, NewOrganisation("H17", "Khác"))


def run(site: Site, *words: str, given: str) -> tuple[int, str]:
    group = click.Group("antin")
    register(group, lambda: site.services)
    result = CliRunner().invoke(group, ["user", "add", *words], input=given)
    return result.exit_code, result.output


def test_command(site: Site) -> None:
    status, output = run(site, "--username", "Thu.Ha", "--password-stdin", "--totp", "--official", given="tám ký tự\n")
    assert status == 0, output
    answer = json.loads(output)
    with site.services.base.db.read() as connection:
        user_id = connection.execute(select(users.c.id)).scalar_one()
    assert answer["sub"] == public_subject(site.services.keys, user_id)
    assert user_id not in output
    browser = site.browser()
    browser.sign_in("thu.ha", "tám ký tự")
    browser.enter_code(answer["totp_secret"])
    assert browser.path == "/account"
    assert "Chuyên viên" in browser.text


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["--username", "ha", "--password-stdin"], "short\n"),
        (["--username", "ha", "--password-stdin"], ""),
        (["--username", "ha", "--password-stdin", "--official", "--organisation", "none"], PASSWORD),
        (["--username", "ha"], PASSWORD),
    ],
)
def test_command_refuses_with_a_sentence(site: Site, words: list[str], given: str) -> None:
    status, output = run(site, *words, given=given)
    assert status != 0
    assert "Error:" in output
    assert "Traceback" not in output
