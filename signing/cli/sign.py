"""`antin sign`: carry out a signature that its owner has approved, from the command line."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from base.audit import append
from base.errors import AntinError
from keys.api import KeyHandle
from signing.cli.cades_options import EXISTING, cades_options, read_options
from signing.cli.password import password_options, typed, with_password
from signing.errors import SigningError
from signing.events import SignatureTurnedDown
from signing.flows.evidence import evidence_of, keep_evidence
from signing.flows.sign import SignedDocument, SigningOrder, sign_document
from signing.formats.asic_container import Kind, pack
from signing.formats.pdf_lint import PdfLimits, lint_pdf
from signing.services import SigningServices
from signing.store.desk_sessions import Signer
from signing.validation.certificates import facts_of

NO_DOCUMENT = "command-line"
LONGEST_TOKEN = 16 * 1024


def register(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    """Add the command."""

    @click.command("sign")
    @click.argument("files", type=EXISTING, nargs=-1, required=True)
    @click.option("--credential", required=True, metavar="HANDLE", help="Name of the signer's key: key_…")
    @click.option("--token-stdin", is_flag=True, required=True, help="Read the one-shot approval from standard input.")
    @click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
    @click.option("--stamp-content", is_flag=True, help="Not in a PDF: time-stamp the content before it is signed.")
    @click.option("--stamp-each", is_flag=True, help="XAdES: a content time stamp for each signed object.")
    @password_options
    @cades_options
    def sign_command(
        files: tuple[Path, ...],
        credential: str,
        token_stdin: bool,
        out: Path,
        stamp_content: bool,
        stamp_each: bool,
        password: str,
        ask_password: bool,
        **words: Any,
    ) -> None:
        """
        Sign FILES with a key whose owner has approved these very files at the identity provider.

        A PDF is signed within (PAdES), XML with `--format xades`; with `--format cades` or `jades` any file gets a
        signature around it, or beside it with `--detached`; with `--format asic-s` one file and its signature go into a
        container, with `asic-e` any number, or one more signature goes into a container that is there. The approval is
        an access token bound to person, key and the digest of the file; of several files, that of what `antin pack`
        makes of them. It works once and is read from standard input so that it appears in no process list. A picture is
        put on a page only in a signature field that is there.
        """
        del token_stdin  # required: there is no other way to hand in the token
        if out.exists():
            raise SigningError("out_exists", vi=f"{out} đã có sẵn.", en=f"{out} exists; choose another name.")
        token = sys.stdin.read(LONGEST_TOKEN).strip()
        options = with_password(read_options(**words), typed(password, ask_password))
        document = _document(files, words["form"])
        order = SigningOrder(
            document=document,
            expected_digest=hashlib.sha256(document).hexdigest(),
            credential=KeyHandle(credential),
            activation_token=token,
            name="",
            file_name=files[0].name,
            **options,
        )
        services = open_services()
        if stamp_content or stamp_each:
            order = _with_content_stamp(services, order, each=stamp_each)
        signed = _sign(services, order)
        out.write_bytes(signed.content)
        click.echo(f"{out}  sha256:{signed.digest_out}")

    group.add_command(sign_command)


def _with_content_stamp(services: SigningServices, order: SigningOrder, *, each: bool) -> SigningOrder:
    """Raises: click.UsageError: a signature in a PDF states nothing of that kind, and only XAdES knows objects."""
    if order.format == "PAdES":
        raise click.UsageError("--stamp-content goes with the other formats.")
    if each and not order.format.endswith("XAdES"):
        raise click.UsageError("--stamp-each goes with XAdES.")
    return replace(order, statements=replace(order.statements, stamp_content=services.keys.timestamp, stamp_each=each))


def _document(files: tuple[Path, ...], form: str) -> bytes:
    """The bytes that were approved. Raises: click.UsageError: several files where one is signed."""
    if len(files) == 1:
        return files[0].read_bytes()
    if not form.startswith("asic-e"):
        raise click.UsageError("Several files go with --format asic-e.")
    return pack(Kind.EXTENDED, ((file.name, file.read_bytes()) for file in files)).write()


def _sign(services: SigningServices, order: SigningOrder) -> SignedDocument:
    """Check, sign, keep evidence (the name is the certificate's: no provider was asked); a refusal is audited."""
    try:
        _check(services, order)
        holder = facts_of(services.keys.credential(order.credential).certificate)
        signed = sign_document(services, replace(order, name=holder.subject))
    except AntinError as error:
        refused = SignatureTurnedDown(order.expected_digest, str(order.credential), error.code[:60])
        with services.base.db.begin() as connection:
            append(connection, services.base.clock, refused)
        raise
    keep_evidence(services, evidence_of(NO_DOCUMENT, Signer(holder.subject, "", holder.organisation, ""), signed))
    return signed


def _check(services: SigningServices, order: SigningOrder) -> None:
    limit = services.settings.document_max_bytes
    if order.format == "PAdES":
        lint_pdf(order.document, PdfLimits(limit, services.settings.document_max_pages), order.beside.password)
    elif len(order.document) > limit:
        raise SigningError("too_large", vi="Tệp quá lớn nên không ký được.", en="The file is too large to be signed.")
