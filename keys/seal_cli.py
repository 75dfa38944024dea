"""`antin seal …`: seals of agencies, and which application may use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import orjson
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from base.clock import shown
from keys import staff_cli
from keys.algorithms import Algorithm
from keys.api import Keys
from keys.ca.order import Profile
from keys.ca_cli import ALGORITHMS, two_persons
from keys.flows import agency_seal
from keys.flows.subscribers import Subscription
from keys.handles import KeyHandle, LegalSubject
from keys.lifecycle.seal_grant import SealTerms, granting

Open = Callable[[], Keys]


def register(group: click.Group, open_keys: Open) -> None:
    """Add the `seal` commands."""

    @group.group("seal")
    def seal() -> None:
        """Seals of agencies that applications use without a person."""

    _add_make(seal, open_keys)
    _add_grant(seal, open_keys)
    _add_rest(seal, open_keys)


def _add_make(group: click.Group, open_keys: Open) -> None:
    @group.command("make")
    @click.option("--owner", required=True, help="Identifier of the agency.")
    @click.option("--organisation", required=True, help="Its name, as in the certificate.")
    @click.option("--identifier", required=True, help="Such as VATVN-0101234567 or GO:VN-H29.")
    @click.option("--name", default="", help="Of the seal; without it the organisation.")
    @click.option("--alg", type=click.Choice(ALGORITHMS), default="ES256", show_default=True)
    @click.option("--backend", default="", help="Where the key is made: software, pkcs11, kms.")
    @click.option("--ca", "issuer", default="", help="Name of the authority; otherwise the one for seals.")
    def make(owner: str, organisation: str, identifier: str, name: str, alg: str, backend: str, issuer: str) -> None:
        """Make a seal: its certificate as PEM, and the handle of its key on standard error. Nobody may use it yet."""
        subject = LegalSubject(owner, organisation, identifier, name)
        order = Subscription(Profile.LEGAL_PERSON, subject, issuer, Algorithm(alg), backend)
        row = agency_seal.make_seal(open_keys().custody, order)
        click.echo(x509.load_der_x509_certificate(row.der).public_bytes(Encoding.PEM), nl=False)
        click.echo(row.handle, err=True)


def _add_grant(group: click.Group, open_keys: Open) -> None:
    @group.command("grant")
    @click.argument("handle")
    @click.option("--client", "client_id", required=True, help="The application, as the provider names it.")
    @click.option("--most", type=click.IntRange(1), required=True, help="Documents in all.")
    @click.option("--per-day", type=click.IntRange(1), required=True, help="Documents in one day (UTC).")
    @click.option("--until", type=click.IntRange(0), required=True, help="When it ends, in epoch seconds.")
    @two_persons
    def grant(
        handle: str, client_id: str, most: int, per_day: int, until: int,
        approval: str, proposed: bool, acting: str, secret_stdin: bool,
    ) -> None:  # fmt: skip
        """Let an application use a seal. It always takes two operators: --propose, approve, then with --approval."""
        custody = open_keys().custody
        terms = SealTerms(KeyHandle(handle), client_id, most, per_day, until)
        if proposed:
            staff_cli.propose(custody, granting(terms), acting, secret_stdin)
            return
        click.echo(agency_seal.grant_seal(custody, terms, approval))


def _add_rest(group: click.Group, open_keys: Open) -> None:
    @group.command("end")
    @click.argument("grant_id")
    def end(grant_id: str) -> None:
        """Take a grant back at once."""
        agency_seal.end_grant(open_keys().custody, grant_id)
        click.echo(f"{grant_id} ended")

    @group.command("list")
    @click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
    def list_all(as_json: bool) -> None:
        """List the grants with what was used of them, newest first."""
        custody = open_keys().custody
        found: list[Any] = agency_seal.grants(custody)
        if as_json:
            click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
            return
        now = custody.base.clock.now()
        for one in found:
            state = "ended" if one.ended_at is not None else "over" if one.terms.until <= now else "standing"
            amounts = f"{one.used}/{one.terms.most}, {one.used_today}/{one.terms.per_day} today"
            until = shown(one.terms.until)
            click.echo(f"{one.id}  {state:8} {one.terms.handle}  {one.terms.client_id}  {amounts}  {until}")
