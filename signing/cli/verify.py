"""`antin verify`: the verification on the command line, with or without an installation of ours on the machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from base.clock import VIETNAM, SystemClock
from base.http import HttpClient
from signing.cli.cades_options import brought
from signing.cli.password import password_options, typed
from signing.flows.own_trust import NO_SOURCE, TrustSource, own_trust
from signing.flows.verify import LIMITS, verify_document
from signing.reports import REPORTS
from signing.services import SigningServices, open_policy
from signing.validation.located import Beside
from signing.validation.policy_file import ValidationPolicy
from signing.validation.trust_files import certificate_der, revocation_list_der

MOST_BYTES = 512 * 1024 * 1024
TIMEOUT_SECONDS = 5
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


def register(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    """Add the command. `open_services` is called only where there seems to be an installation."""

    @click.command("verify")
    @click.argument("file", type=EXISTING)
    @click.option(
        "--detached",
        type=EXISTING,
        multiple=True,
        help="The signed data, when FILE holds the signature alone; repeatable where several files are signed.",
    )
    @click.option("--digest", metavar="HEX", help="The digest of the signed data, when the data itself is not at hand.")
    @click.option("--evidence", type=EXISTING, multiple=True, help="An evidence record about FILE; repeatable.")
    @click.option("--anchor", type=EXISTING, multiple=True, help="A root to trust (PEM or DER); repeatable.")
    @click.option("--crl", type=EXISTING, multiple=True, help="A revocation list to use (PEM or DER); repeatable.")
    @click.option("--at", "at", metavar="TIME", help="Verify as of this time: ISO 8601, or seconds since 1970.")
    @click.option("--policy", "policy_file", type=EXISTING, help="Levels of findings to judge by (TOML).")
    @click.option("--algorithms", "suite_file", type=EXISTING, help="Until when each algorithm counts (TOML).")
    @password_options
    @click.option("--offline", is_flag=True, help="Fetch nothing from the network.")
    @click.option(
        "--report",
        "chosen",
        type=click.Choice([one.name for one in REPORTS]),
        default="text",
        show_default=True,
        help="Format of the report; etsi: TS 119 102-2.",
    )
    @click.option("--json", "chosen", flag_value="json", help="The same as --report json.")
    @click.option("--lang", type=click.Choice(("vi", "en")), default="vi", show_default=True, help="Language.")
    def verify(
        file: Path,
        detached: tuple[Path, ...],
        digest: str | None,
        evidence: tuple[Path, ...],
        anchor: tuple[Path, ...],
        crl: tuple[Path, ...],
        at: str | None,
        policy_file: Path | None,
        suite_file: Path | None,
        password: str,
        ask_password: bool,
        offline: bool,
        chosen: str,
        lang: str,
    ) -> None:
        """
        Verify every signature of FILE. Exit code 0: passed, 1: failed, 2: indeterminate.

        Without --anchor, the roots of the installation on this machine are trusted.
        """
        if file.stat().st_size > MOST_BYTES:
            raise click.ClickException(f"{file} is larger than {MOST_BYTES} bytes.")
        own, policy = own_source(open_services)
        if policy_file or suite_file:
            policy = open_policy(str(policy_file or ""), str(suite_file or ""))
        report = verify_document(
            file.read_bytes(),
            moment=moment_of(at),
            own=own,
            anchors=[parsed(path, certificate_der) for path in anchor],
            lists=[parsed(path, revocation_list_der) for path in crl],
            beside=replace(
                _beside(detached, digest),
                records=tuple(path.read_bytes() for path in evidence),
                password=typed(password, ask_password),
            ),
            http=None if offline else HttpClient(timeout_seconds=TIMEOUT_SECONDS, allow_private=True),
            policy=policy,
            limits=LIMITS,
        )
        form = next(one for one in REPORTS if one.name == chosen)
        click.echo(form.render(report, "en" if lang == "en" else "vi", file.name), nl=False)
        raise SystemExit(report.exit_code)

    group.add_command(verify)


def _beside(detached: tuple[Path, ...], digest: str | None) -> Beside:
    """What came along, one or the other."""
    if detached and digest is not None:
        raise click.UsageError("--detached and --digest exclude each other.")
    if digest is None:
        return brought(detached)
    try:
        return Beside(digest=bytes.fromhex(digest))
    except ValueError as error:
        raise click.BadParameter("not hexadecimal", param_hint="--digest") from error


def own_source(open_services: Callable[[], SigningServices]) -> tuple[TrustSource, ValidationPolicy | None]:
    """Our installation and its policy, if there is one here; opening it where there is none would create one."""
    traces = (Path(os.environ.get("ANTIN_DATA_DIR", "var")), Path("antin.toml"))
    if "ANTIN_DATABASE_URL" not in os.environ and not any(trace.exists() for trace in traces):
        return NO_SOURCE, None
    try:
        services = open_services()
        return own_trust(services.keys), services.policy
    except Exception as error:  # a database that is down must not keep anybody from verifying with given anchors
        logging.getLogger("antin.verify").warning("the installation here cannot be used: %s", type(error).__name__)
        return NO_SOURCE, None


def moment_of(at: str | None) -> int:
    """Epoch seconds; None: now. Raises: click.BadParameter."""
    if at is None:
        return SystemClock().now()
    if at.isdigit():
        return int(at)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise click.BadParameter("not a time; example: 2026-11-23T10:30:45+07:00", param_hint="--at") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).timestamp())


def parsed(path: Path, parse: Callable[[bytes], bytes]) -> bytes:
    """What a file holds, read by `parse`. Raises: click.BadParameter."""
    try:
        return parse(path.read_bytes())
    except ValueError as error:
        raise click.BadParameter(f"{path} cannot be read: {error}") from error
