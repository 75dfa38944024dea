"""`antin ca …`: ceremonies, authorities, their minutes and the lists of those that are offline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import orjson

from base.clock import shown
from keys import staff_cli
from keys.algorithms import Algorithm
from keys.api import Keys
from keys.ca.ceremony import AuthorityPlan, CeremonyScript
from keys.errors import KeyRefused
from keys.flows import list_authorities
from keys.flows.ceremony import ceremony_operation, hold_ceremony
from keys.flows.minutes import minutes_of
from keys.flows.renew_crl import crl_operation, renew_offline_crl
from keys.flows.revoke_authority import REASONS, revoke_authority, revoking
from keys.handles import RevocationReason

Open = Callable[[], Keys]
A_FILE = click.Path(dir_okay=False, path_type=Path)
ALGORITHMS = [str(one) for one in Algorithm if one is not Algorithm.EDDSA]


def two_persons(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of a command that takes two persons where the installation asks for them."""
    for option in (
        click.option("--approval", default="", help="Identifier of the approval."),
        click.option("--propose", "proposed", is_flag=True, help="Only propose it, with --as, for another to approve."),
        click.option("--as", "acting", default="", help="Name of the operator who proposes."),
        click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input instead of asking."),
    ):
        command = option(command)
    return command


def register(group: click.Group, open_keys: Open) -> None:
    """Add the `ca` commands."""

    @group.group("ca")
    def authority() -> None:
        """Certification authorities."""

    _add_ceremony(authority, open_keys)
    _add_views(authority, open_keys)


def _add_ceremony(authority: click.Group, open_keys: Open) -> None:
    @authority.command("ceremony")
    @click.option("--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON file instead.")
    @click.option("--root", default="", help="Name of the root to make, such as root-pq.")
    @click.option("--under", default="", help="Name of a root that exists, instead of making one.")
    @click.option("--issuing", default="", help="Name of the issuing authority to make under it.")
    @click.option("--alg", type=click.Choice(ALGORITHMS), default="ES384", show_default=True, help="Of all new keys.")
    @click.option("--backend", default="", help="Where all new keys are made: software, pkcs11, kms.")
    @click.option("--root-years", type=int, default=20, show_default=True)
    @click.option("--years", type=int, default=10, show_default=True, help="Life of the issuing authority.")
    @click.option("--online", is_flag=True, help="Leave the new root to the jobs: no operation is needed to open it.")
    @click.option("--place", default="", help="Where it is held, for the minutes.")
    @click.option("--witness", "witnesses", multiple=True, help="Who was there, for the minutes; repeat for each.")
    @two_persons
    def ceremony(approval: str, proposed: bool, acting: str, secret_stdin: bool, **options: Any) -> None:
        """
        Make a root and an issuing authority, or one under a root, and print the minutes.

        A script has the same as the options: {"root": {"name", "title", "algorithm", "years", "backend"},
        "issuing": [...], "above", "place", "witnesses", "offline"}.
        """
        custody, script = open_keys().custody, script_of(options)
        if proposed:
            staff_cli.propose(custody, ceremony_operation(script), acting, secret_stdin)
            return
        minutes = hold_ceremony(custody, script, approval)
        click.echo(minutes.content)
        click.echo(f"sha256 {minutes.sha256}", err=True)

    @authority.command("revoke")
    @click.argument("name")
    @click.option("--reason", type=click.Choice([str(one) for one in REASONS]), required=True)
    @two_persons
    def revoke(name: str, reason: str, approval: str, proposed: bool, acting: str, secret_stdin: bool) -> None:
        """Revoke an issuing authority for good, and every certificate that it has issued."""
        custody, why = open_keys().custody, RevocationReason(reason)
        if proposed:
            staff_cli.propose(custody, revoking(name, why), acting, secret_stdin)
            return
        fallen = revoke_authority(custody, name, why, approval)
        click.echo(f"{name} revoked, and {fallen} certificates with it")

    @authority.command("crl")
    @click.argument("name")
    @two_persons
    def crl(name: str, approval: str, proposed: bool, acting: str, secret_stdin: bool) -> None:
        """Issue the next revocation list of an authority that is offline."""
        custody = open_keys().custody
        if proposed:
            staff_cli.propose(custody, crl_operation(name), acting, secret_stdin)
            return
        renew_offline_crl(custody, name, approval)
        click.echo(f"{name}: list issued")


def _add_views(authority: click.Group, open_keys: Open) -> None:
    @authority.command("list")
    @click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
    def list_all(as_json: bool) -> None:
        """List the authorities, roots first."""
        found = list_authorities.listed(open_keys().custody)
        if as_json:
            click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
            return
        for one in found:
            where = "revoked" if one.revoked else "offline" if one.offline else "online"
            until = shown(one.not_after)
            click.echo(f"{one.name:20} {one.above or '-':20} {one.algorithm:10} {where:8} {until}  {one.subject}")

    @authority.command("minutes")
    @click.argument("name")
    @click.option("--signature", type=A_FILE, help="Write the signature over them into this file (ECDSA, DER).")
    @click.option("--signer", type=A_FILE, help="Write the public key that it is of into this file (PEM).")
    def minutes(name: str, signature: Path | None, signer: Path | None) -> None:
        """Print the minutes of the ceremony that made an authority, byte for byte, once their signature has held."""
        found = minutes_of(open_keys().custody, name)
        if signature:
            signature.write_bytes(found.signature)
        if signer:
            signer.write_bytes(found.signer)
        click.echo(found.content, nl=False)


def script_of(options: dict[str, Any]) -> CeremonyScript:
    """The script in the file or in the options. Raises: KeyRefused("ceremony_refused"): unreadable."""
    given = _read(options["script"]) if options["script"] else _from_options(options)
    try:
        root = given.get("root")
        return CeremonyScript(
            root=_plan(root, "Root CA") if root else None,
            issuing=tuple(_plan(one, "Issuing CA") for one in given.get("issuing", ())),
            above=str(given.get("above", "")),
            place=str(given.get("place", "")),
            witnesses=tuple(str(one) for one in given.get("witnesses", ())),
            is_offline=bool(given.get("offline", True)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(str(error)) from error


def _from_options(options: dict[str, Any]) -> dict[str, Any]:
    def plan(name: str, years: int) -> dict[str, Any]:
        return {"name": name, "algorithm": options["alg"], "years": years, "backend": options["backend"]}

    return {
        "root": plan(options["root"], options["root_years"]) if options["root"] else None,
        "issuing": [plan(options["issuing"], options["years"])] if options["issuing"] else [],
        "above": options["under"],
        "place": options["place"],
        "witnesses": options["witnesses"],
        "offline": not options["online"],
    }


def _plan(given: dict[str, Any], title: str) -> AuthorityPlan:
    usual = title if given["name"] in ("root", "issuing") else f"{title} {given['name']}"
    return AuthorityPlan(
        str(given["name"]),
        str(given.get("title") or usual),
        Algorithm(given["algorithm"]),
        int(given["years"]),
        str(given.get("backend") or ""),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise _unreadable(str(error)) from error
    if not isinstance(found, dict):
        raise _unreadable("no JSON object")
    return found


def _unreadable(hint: str) -> KeyRefused:
    return KeyRefused(
        "ceremony_refused",
        vi="Không đọc được kịch bản của buổi lễ tạo khóa.",
        en="The script of the ceremony cannot be read.",
        hint=hint,
        status=422,
    )
