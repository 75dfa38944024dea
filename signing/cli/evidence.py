"""`antin evidence`: records that files existed at a time (RFC 4998), one time stamp for any number of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from base.clock import shown
from signing.cli.cades_options import EXISTING
from signing.cli.extend import read_list
from signing.cli.verify import moment_of, own_source, parsed
from signing.errors import SigningError
from signing.flows.existence import prove_existence
from signing.flows.extend import ExtensionOrder, sources_of
from signing.flows.own_trust import own_trust
from signing.formats.base import Level
from signing.services import SigningServices
from signing.validation.trust_files import certificate_der

SUFFIX = ".ers"
NOT_PROVEN = 2


def register(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    """Add the commands."""

    @click.group("evidence")
    def evidence() -> None:
        """Evidence records: proof that files existed at a time, kept for longer than any key lives."""

    _add_create(evidence, open_services)
    _add_renew(evidence, open_services)
    _add_verify(evidence, open_services)
    group.add_command(evidence)


def _add_create(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    @group.command("create")
    @click.argument("files", type=EXISTING, nargs=-1, required=True)
    @click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of records.")
    def create(files: tuple[Path, ...], out: Path) -> None:
        """Write a record NAME.ers for each of FILES into a folder. One time stamp covers all of them."""
        from signing.formats.evidence_write import create_records

        targets = [out / f"{file.name}{SUFFIX}" for file in files]
        if len(set(targets)) != len(targets):
            raise click.UsageError("Two files of the same name.")
        for target in targets:
            _check_free(target)
        records = create_records([file.read_bytes() for file in files], open_services().keys.timestamp)
        out.mkdir(parents=True, exist_ok=True)
        for target, record in zip(targets, records, strict=True):
            target.write_bytes(record)
            click.echo(str(target))


def _add_renew(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    @group.command("renew")
    @click.argument("record", type=EXISTING)
    @click.argument("file", type=EXISTING)
    @click.option("--hash-tree", is_flag=True, help="Digest FILE anew: needed once the digest of the record grows old.")
    @click.option("--crl", type=EXISTING, multiple=True, help="A revocation list to use (PEM or DER); repeatable.")
    @click.option("--offline", is_flag=True, help="Fetch no revocation lists from the network.")
    @click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
    def renew(record: Path, file: Path, hash_tree: bool, crl: tuple[Path, ...], offline: bool, out: Path) -> None:
        """Add one more time stamp to RECORD, which is about FILE, before the certificate of the last one ends."""
        from signing.formats.evidence_write import renew_record

        _check_free(out)
        services = open_services()
        order = ExtensionOrder(
            document=b"",
            level=Level.B_LTA,
            moment=services.base.clock.now(),
            own=own_trust(services.keys),
            timestamper=services.keys.timestamp,
            lists=tuple(read_list(path) for path in crl),
            http=None if offline else services.base.http,
            policy=services.policy,
        )
        der, thing = record.read_bytes(), file.read_bytes()
        _check_proves(order, der, thing)
        renewed = renew_record(der, sources_of(order), thing if hash_tree else None)
        _check_proves(order, renewed, thing)
        out.write_bytes(renewed)
        click.echo(str(out))


def _add_verify(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    @group.command("verify")
    @click.argument("record", type=EXISTING)
    @click.argument("file", type=EXISTING)
    @click.option("--anchor", type=EXISTING, multiple=True, help="A root to trust (PEM or DER); repeatable.")
    @click.option("--crl", type=EXISTING, multiple=True, help="A revocation list to use (PEM or DER); repeatable.")
    @click.option("--at", "at", metavar="TIME", help="Verify as of this time: ISO 8601, or seconds since 1970.")
    def verify(record: Path, file: Path, anchor: tuple[Path, ...], crl: tuple[Path, ...], at: str | None) -> None:
        """Say since when FILE is proven to exist by RECORD. Exit code 0: proven, 2: not proven."""
        own, policy = own_source(open_services)
        found = prove_existence(
            record.read_bytes(),
            file.read_bytes(),
            moment=moment_of(at),
            own=own,
            anchors=[parsed(path, certificate_der) for path in anchor],
            lists=[read_list(path) for path in crl],
            policy=policy,
        )
        for number, stamp in enumerate(found.stamps, 1):
            click.echo(f"{number}. {shown(stamp.time) if stamp.time else '–'}  {stamp.authority}")
        if found.since is None:
            click.echo(f"Không chứng minh được / Nothing is proven: {found.trouble}")
            raise SystemExit(NOT_PROVEN)
        click.echo(f"Tệp đã tồn tại từ / The file existed at {shown(found.since)}")


def _check_free(out: Path) -> None:
    if out.exists():
        raise SigningError("out_exists", vi=f"{out} đã có sẵn.", en=f"{out} exists; choose another name.")


def _check_proves(order: ExtensionOrder, record: bytes, thing: bytes) -> None:
    """Before and after: what proves nothing is not dressed up with time stamps, nor handed out."""
    found = prove_existence(
        record, thing, moment=order.moment, own=order.own, lists=order.lists, http=order.http, policy=order.policy
    )
    if found.since is None:
        raise SigningError(
            "record_proves_nothing",
            vi="Hồ sơ chứng cứ này bị hỏng hoặc không nói về tệp đó nên không gia hạn.",
            en="This evidence record is damaged, or about another file, and was not renewed.",
            hint=found.trouble,
            status=422,
        )
