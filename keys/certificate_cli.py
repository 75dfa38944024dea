"""`antin certificate …`: issue, request, import, renew, list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import orjson
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from base.clock import shown
from keys.algorithms import Algorithm
from keys.api import Keys
from keys.ca.order import Profile
from keys.errors import KeyRefused
from keys.flows import expiry
from keys.flows.foreign import import_foreign, request_foreign
from keys.flows.renew import rekey, renew
from keys.flows.subscribers import Subscription, issue_for_request, issue_inside
from keys.handles import KeyHandle, LegalSubject, PersonSubject
from keys.peers import authorities_in
from keys.store.certificates import StoredCertificate
from keys.trust.anchor import CHOSEN

Open = Callable[[], Keys]
SUBSCRIBERS = [str(one) for one in (Profile.PERSON, Profile.LEGAL_PERSON, Profile.TLS_CLIENT)]
ALGORITHMS = [str(one) for one in Algorithm if one is not Algorithm.EDDSA]
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOREVER_DAYS = 100 * 365


def subject_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Who the certificate is for."""
    for option in (
        click.option("--alg", type=click.Choice(ALGORITHMS), default="ES256", show_default=True, help="Of a new key."),
        click.option("--backend", default="", help="Where a new key is made: software, pkcs11, kms."),
        click.option("--identifier", default="", help="Of an agency, such as VATVN-0101234567 or GO:VN-H29."),
        click.option("--organisation", required=True, help="The agency itself, or the one the person acts for."),
        click.option("--name", default="", help="Of the person or machine; an agency may go without."),
        click.option("--owner", required=True, help="Subject identifier of the person or agency, as in tokens."),
        click.option("--profile", type=click.Choice(SUBSCRIBERS), required=True),
    ):
        command = option(command)
    return command


def register(group: click.Group, open_keys: Open) -> None:
    """Add the `certificate` commands."""

    @group.group("certificate")
    def certificate() -> None:
        """Certificates of officials, agencies and machines."""

    _add_issuing(certificate, open_keys)
    _add_foreign(certificate, open_keys)
    _add_views(certificate, open_keys)


def _add_issuing(certificate: click.Group, open_keys: Open) -> None:
    @certificate.command("issue")
    @subject_options
    @click.option("--ca", "issuer", default="", help="Name of the authority; otherwise the one for the profile.")
    @click.option("--request", type=A_FILE, help="PKCS #10 request of a key that stays with its owner.")
    def issue(issuer: str, request: Path | None, **options: Any) -> None:
        """Issue a certificate; prints it as PEM, and the handle of the key on standard error."""
        order, custody = order_of(issuer=issuer, **options), open_keys().custody
        row = issue_for_request(custody, order, request.read_bytes()) if request else issue_inside(custody, order)
        _print(row)

    @certificate.command("renew")
    @click.argument("handle")
    def renew_one(handle: str) -> None:
        """Issue a new certificate for the same key."""
        _print(renew(open_keys().custody, KeyHandle(handle)))

    @certificate.command("rekey")
    @click.argument("handle")
    def rekey_one(handle: str) -> None:
        """Make a new key for the same owner and issue its certificate."""
        _print(rekey(open_keys().custody, KeyHandle(handle)))


def _add_foreign(certificate: click.Group, open_keys: Open) -> None:
    @certificate.command("request")
    @subject_options
    def request(**options: Any) -> None:
        """Make a key here and print a PKCS #10 request (PEM) for an authority that is not ours."""
        handle, der = request_foreign(open_keys().custody, order_of(issuer="", **options))
        click.echo(x509.load_der_x509_csr(der).public_bytes(Encoding.PEM), nl=False)
        click.echo(handle, err=True)

    @certificate.command("import")
    @click.argument("handle")
    @click.option("--certificate", "leaf", type=A_FILE, required=True, help="PEM or DER.")
    @click.option("--chain", "chain", type=A_FILE, multiple=True, help="What stands between; PEM, may hold several.")
    @click.option(
        "--anchor",
        "anchors",
        type=A_FILE,
        multiple=True,
        help="Trust anchors; PEM. Without: those of the trust domains.",
    )
    def import_one(handle: str, leaf: Path, chain: tuple[Path, ...], anchors: tuple[Path, ...]) -> None:
        """Take in the certificate that an authority of others has issued for a key of ours."""
        (der,) = _certificates([leaf])[:1]
        keys = open_keys()
        trusted = _certificates(anchors) or [one.der for one in keys.anchors() if one.domain in CHOSEN]
        row = import_foreign(keys.custody, KeyHandle(handle), der, _certificates(chain), trusted)
        click.echo(f"{row.handle} {row.profile} until {shown(row.not_after)}")


def _add_views(certificate: click.Group, open_keys: Open) -> None:
    @certificate.command("list")
    @click.option("--expiring", type=click.IntRange(1), metavar="DAYS", help="Only those that end within so many days.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
    def list_all(expiring: int | None, as_json: bool) -> None:
        """List the certificates that stand, first the one that ends first."""
        rows = expiry.expiring(open_keys().custody, expiring or FOREVER_DAYS)
        facts = [_facts(row) for row in rows]
        if as_json:
            click.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
            return
        for one in facts:
            click.echo(f"{one['handle']}  {one['profile']:12} {shown(one['not_after'])}  {one['serial']}")


def order_of(
    *, profile: str, owner: str, name: str, organisation: str, identifier: str, alg: str, backend: str, issuer: str
) -> Subscription:
    """What the options order."""
    kind = Profile(profile)
    subject: PersonSubject | LegalSubject = (
        PersonSubject(owner, name, organisation, "")
        if kind is Profile.PERSON
        else LegalSubject(owner, organisation, identifier, name)
    )
    return Subscription(kind, subject, issuer, Algorithm(alg), backend)


def _certificates(paths: list[Path] | tuple[Path, ...]) -> list[bytes]:
    found: list[bytes] = []
    for path in paths:
        raw = path.read_bytes()
        try:
            found.extend(authorities_in(raw) if b"-----BEGIN" in raw else (raw,))
        except ValueError as error:
            raise KeyRefused("import_refused", en=f"{path.name} holds no certificate.", status=422) from error
    return found


def _facts(row: StoredCertificate) -> dict[str, Any]:
    return {
        "handle": row.handle,
        "profile": row.profile,
        "serial": row.serial,
        "not_before": row.not_before,
        "not_after": row.not_after,
        "issuer": row.issuer,
    }


def _print(row: StoredCertificate) -> None:
    click.echo(x509.load_der_x509_certificate(row.der).public_bytes(Encoding.PEM), nl=False)
    click.echo(row.handle, err=True)
