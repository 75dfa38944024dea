"""`antin sign`: carry out a signature that its owner has approved, from the command line."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import click

from base.audit import append
from base.errors import AntinError
from keys.api import KeyHandle
from signing.errors import SigningError
from signing.events import SignatureTurnedDown
from signing.flows.evidence import evidence_of, keep_evidence
from signing.flows.sign import SignedDocument, SigningOrder, sign_document
from signing.formats.pdf_lint import PdfLimits, lint_pdf
from signing.services import SigningServices
from signing.store.desk_sessions import Signer
from signing.validation.certificates import facts_of

NO_DOCUMENT = "command-line"
LONGEST_TOKEN = 16 * 1024


def register(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    """Add the command."""

    @click.command("sign")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--credential", required=True, metavar="HANDLE", help="Name of the signer's key: key_…")
    @click.option("--token-stdin", is_flag=True, required=True, help="Read the one-shot approval from standard input.")
    @click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
    def sign_command(file: Path, credential: str, token_stdin: bool, out: Path) -> None:
        """
        Sign FILE (PDF) with a key whose owner has approved this very document at the identity provider.

        The approval is an access token bound to person, key and document digest; it works once and is read from
        standard input so that it appears in no process list. No picture is put on the page.
        """
        del token_stdin  # required: there is no other way to hand in the token
        if out.exists():
            raise SigningError("out_exists", vi=f"{out} đã có sẵn.", en=f"{out} exists; choose another name.")
        token = sys.stdin.read(LONGEST_TOKEN).strip()
        signed = _sign(open_services(), file.read_bytes(), KeyHandle(credential), token)
        out.write_bytes(signed.content)
        click.echo(f"{out}  sha256:{signed.digest_out}")

    group.add_command(sign_command)


def _sign(services: SigningServices, document: bytes, handle: KeyHandle, token: str) -> SignedDocument:
    """Lint, sign, keep evidence (the name is the certificate's: no provider was asked); a refusal is audited."""
    digest = hashlib.sha256(document).hexdigest()
    try:
        lint_pdf(document, PdfLimits(services.settings.document_max_bytes, services.settings.document_max_pages))
        holder = facts_of(services.keys.credential(handle).certificate)
        signed = sign_document(services, SigningOrder(document, digest, handle, token, holder.subject))
    except AntinError as error:
        with services.base.db.begin() as connection:
            append(connection, services.base.clock, SignatureTurnedDown(digest, str(handle), error.code[:60]))
        raise
    keep_evidence(services, evidence_of(NO_DOCUMENT, Signer(holder.subject, "", holder.organisation, ""), signed))
    return signed
