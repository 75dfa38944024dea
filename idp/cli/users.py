"""
`antin user add`: an account from the command line; the password comes by standard input, never as an argument.
`antin user password` and `second-factor` help who forgot the one or lost the other; `antin user disable` ends it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO

import click
import orjson

from base.errors import AntinError
from idp.cli.people import person_named
from idp.flows.change_password import reset_password
from idp.flows.change_second_factor import reset_totp
from idp.flows.create_organisation import NewOrganisation, create_organisation
from idp.flows.create_user import NewUser, Official, create_user
from idp.flows.disable_user import disable_user
from idp.oauth.subjects import public_subject
from idp.protocol.new_person import person_of
from idp.services import IdpServices

DEFAULT_ORGANISATION = NewOrganisation("000.00.00.000", "Cơ quan thử nghiệm", "Trial agency")
DEFAULT_TITLE = ("Chuyên viên", "Officer")


def _claims(file: TextIO | None) -> dict[str, Any]:
    """Raises: BadClaims."""
    if file is None:
        return {}
    try:
        return person_of(orjson.loads(file.read()))
    except orjson.JSONDecodeError:
        return person_of(None)


def register_users(group: click.Group, open_services: Callable[[], IdpServices]) -> None:
    """Add `user` and its commands to `antin`."""

    @group.group()
    def user() -> None:
        """People who can sign in."""

    @user.command()
    @click.option("--username", required=True, help="Sign-in name.")
    @click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
    @click.option("--totp", is_flag=True, help="Give the account a second factor and print its secret.")
    @click.option("--official", is_flag=True, help="Give the person an office (see --organisation and --title).")
    @click.option(
        "--claims", type=click.File("r", encoding="utf-8"), help="Further data: a JSON object of standard claims."
    )
    @click.option("--name", help="Full name; the sign-in name when left out.")
    @click.option("--email", help="E-mail address.")
    @click.option("--phone", help="Phone number.")
    @click.option("--birthdate", help="Date of birth, YYYY-MM-DD.")
    @click.option("--organisation", help="Code of the official's agency; a trial agency when left out.")
    @click.option("--title", help=f"Title of the office; {DEFAULT_TITLE[0]} when left out.")
    def add(
        username: str,
        password_stdin: bool,
        totp: bool,
        official: bool,
        claims: TextIO | None,
        name: str | None,
        email: str | None,
        phone: str | None,
        birthdate: str | None,
        organisation: str | None,
        title: str | None,
    ) -> None:
        """
        Make an account and print JSON: sub, username, and totp_secret (base32) when there is one.

        A password has at least 15 characters, or 8 with --totp. `sub` is what clients with public subjects see; others
        see a value of their own (pairwise). What --claims says gives way to the other options; it can hold all claims
        of the scopes profile, email, phone and address, email_verified and phone_number_verified included.
        """
        given = {"full_name": name, "email": email, "phone": phone, "birthdate": birthdate}
        password = sys.stdin.readline().rstrip("\r\n")
        services = open_services()
        try:
            if official and organisation is None:
                create_organisation(services, DEFAULT_ORGANISATION, if_missing=True)
            office = None
            if official:
                titles = (title, title) if title else DEFAULT_TITLE
                office = Official(organisation or DEFAULT_ORGANISATION.code, *titles)
            record = {"full_name": username, **_claims(claims)} | {key: value for key, value in given.items() if value}
            new = NewUser(username, password, totp=totp, official=office, **record)
            created = create_user(services, new)
        except AntinError as error:
            raise click.ClickException(error.en or error.vi or error.code) from error
        answer = {"sub": public_subject(services.keys, created.user_id), "username": username}
        if created.totp_secret:
            answer["totp_secret"] = created.totp_secret
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())

    @user.command()
    @click.argument("username")
    @click.option("--password-stdin", is_flag=True, required=True, help="Read the new password from standard input.")
    def password(username: str, password_stdin: bool) -> None:
        """Give somebody who forgot it a new password. All sessions of the account end."""
        new, services = sys.stdin.readline().rstrip("\r\n"), open_services()
        try:
            ended = reset_password(services, person_named(services, username), new)
        except AntinError as error:
            raise click.ClickException(error.en or error.vi or error.code) from error
        click.echo(orjson.dumps({"username": username, "sessions_ended": ended}).decode())

    @user.command("second-factor")
    @click.argument("username")
    def second_factor(username: str) -> None:
        """
        Give an account a new second factor and print its secret, as JSON: totp_secret (base32), uri (for a QR code).

        The old one, which may be in somebody else's hands, proves nothing from then on, and all sessions end.
        """
        services = open_services()
        try:
            offer, ended = reset_totp(services, person_named(services, username), username)
        except AntinError as error:
            raise click.ClickException(error.en or error.vi or error.code) from error
        answer = {"username": username, "totp_secret": offer.secret, "uri": offer.uri, "sessions_ended": ended}
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())

    @user.command()
    @click.argument("username")
    def disable(username: str) -> None:
        """Disable an account: it cannot sign in, its sessions end at once, and the worker tells their services."""
        services = open_services()
        ended = disable_user(services, person_named(services, username))
        click.echo(orjson.dumps({"username": username, "sessions_ended": ended}).decode())
