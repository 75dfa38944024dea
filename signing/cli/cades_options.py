"""What `antin sign` can be told about a signature: packing, what the signer states, what a PDF permits afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from signing.formats.base import NOTHING_STATED, FieldLock, Packaging, Statements, Terms, VisibleSignature
from signing.validation.located import ALONE, Beside

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
COMMITMENTS = {
    "origin": "1.2.840.113549.1.9.16.6.1",
    "receipt": "1.2.840.113549.1.9.16.6.2",
    "delivery": "1.2.840.113549.1.9.16.6.3",
    "sender": "1.2.840.113549.1.9.16.6.4",
    "approval": "1.2.840.113549.1.9.16.6.5",
    "creation": "1.2.840.113549.1.9.16.6.6",
}
"""Source: EN 319 122-1 §5.2.3, RFC 5126 §5.11.1."""
PACKAGINGS = {
    "enveloped": Packaging.ENVELOPED,
    "enveloping": Packaging.ATTACHED,
    "detached": Packaging.DETACHED,
}
_NAMES = {
    "pades": "PAdES",
    "cades": "CAdES",
    "xades": "XAdES",
    "jades": "JAdES",
    "asic-s": "ASiC-S with CAdES",
    "asic-e": "ASiC-E with CAdES",
    "asic-s-xades": "ASiC-S with XAdES",
    "asic-e-xades": "ASiC-E with XAdES",
}
FORMS = tuple(_NAMES)
"""`--format` → the name of an entry of FORMATS."""
_CONTAINERS = ("asic-s", "asic-e", "asic-s-xades", "asic-e-xades")
_OPTIONS = (
    click.option("--format", "form", type=click.Choice(FORMS), default="pades", show_default=True),
    click.option("--packaging", type=click.Choice(tuple(PACKAGINGS)), help="Where the content is; enveloped: XAdES."),
    click.option("--node", "nodes", metavar="ID", multiple=True, help="XAdES: sign this element alone; repeatable."),
    click.option("--joint", is_flag=True, help="XAdES: others will sign the same document beside this signature."),
    click.option("--detached", is_flag=True, help="Like --packaging detached: FILE stays beside its signature."),
    click.option("--add", is_flag=True, help="FILE is a signature file; sign what it signs, beside the others."),
    click.option(
        "--counter", metavar="NUMBER", help="FILE is a signature file or container; countersign that signature."
    ),
    click.option("--content", type=EXISTING, help="With --add: the content of a detached signature."),
    click.option("--media-type", default="", help="Not in a PDF: what kind of file it is, such as application/pdf."),
    click.option(
        "--certify", type=click.IntRange(1, 3), help="PDF: permit 1 nothing more, 2 signing and forms, 3 notes."
    ),
    click.option("--field", default="", help="PDF: the empty signature field to sign in."),
    click.option("--picture", type=EXISTING, help="PDF, with --field: a picture (PNG) to show there."),
    click.option("--lock-all", is_flag=True, help="PDF: no field of the form may change afterwards."),
    click.option("--lock", "locked", metavar="FIELD", multiple=True, help="PDF: this field may not; repeatable."),
    click.option("--lock-but", "unlocked", metavar="FIELD", multiple=True, help="PDF: all but this one; repeatable."),
    click.option("--role", default="", help="Not in a PDF: the position the signer claims."),
    click.option("--place", default="", help="Not in a PDF: where it is signed."),
    click.option("--commitment", type=click.Choice(tuple(COMMITMENTS)), help="Not in a PDF: what it stands for."),
)
Command = TypeVar("Command", bound=Callable[..., Any])


def cades_options(command: Command) -> Command:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_options(
    form: str,
    packaging: str | None,
    nodes: tuple[str, ...],
    joint: bool,
    detached: bool,
    add: bool,
    counter: str | None,
    content: Path | None,
    media_type: str,
    role: str,
    place: str,
    commitment: str | None,
    certify: int | None,
    field: str,
    picture: Path | None,
    lock_all: bool,
    locked: tuple[str, ...],
    unlocked: tuple[str, ...],
) -> dict[str, Any]:
    """The fields of a SigningOrder that they mean. Raises: click.UsageError: they contradict each other."""
    statements = Statements(
        media_type=media_type, commitment=COMMITMENTS[commitment] if commitment else "", role=role, locality=place
    )
    if form == "pades":
        if packaging or nodes or joint or detached or add or counter or content or statements != NOTHING_STATED:
            raise click.UsageError("These options go with the other formats.")
        return _of_pdf(Terms(certify or 0, field, _lock(lock_all, locked, unlocked)), picture)
    if certify or field or picture or lock_all or locked or unlocked:
        raise click.UsageError("--certify, --field, --picture and the locks go with a PDF signature.")
    if form in _CONTAINERS:
        if packaging or nodes or joint or detached or add or content:
            raise click.UsageError("How a signature is packed goes with --format cades, xades and jades.")
        over = {"packaging": Packaging.COUNTER, "target": _target(counter)} if counter else {}
        return {"format": _NAMES[form], "statements": statements, **over}
    if sum((detached, add, bool(counter), bool(packaging))) > 1:
        raise click.UsageError("--packaging, --detached, --add and --counter exclude each other.")
    if form != "xades" and (nodes or joint or packaging == "enveloped"):
        raise click.UsageError("XML is signed from within with --format xades.")
    return {
        "format": _NAMES[form],
        "packaging": _packaging(form, "detached" if detached else packaging, add=add, counter=bool(counter)),
        "target": _target(counter) if counter else (),
        "beside": Beside(content=content.read_bytes()) if content else ALONE,
        "nodes": nodes,
        "joint": joint,
        "statements": statements,
    }


def _of_pdf(terms: Terms, picture: Path | None) -> dict[str, Any]:
    if picture and not terms.field:
        raise click.UsageError("--picture goes with --field, which says where.")
    return {"terms": terms, "visible": VisibleSignature(picture.read_bytes()) if picture else None}


def _lock(everything: bool, locked: tuple[str, ...], unlocked: tuple[str, ...]) -> FieldLock | None:
    if sum((everything, bool(locked), bool(unlocked))) > 1:
        raise click.UsageError("--lock-all, --lock and --lock-but exclude each other.")
    if locked or unlocked:
        return FieldLock("Include" if locked else "Exclude", locked or unlocked)
    return FieldLock("All") if everything else None


def _packaging(form: str, chosen: str | None, *, add: bool, counter: bool) -> Packaging:
    if add:
        return Packaging.BESIDE
    if counter:
        return Packaging.COUNTER
    return PACKAGINGS[chosen or ("enveloped" if form == "xades" else "enveloping")]


def brought(files: tuple[Path, ...]) -> Beside:
    """One file is the content, whatever it is called; each is known by its name too."""
    named = tuple((file.name, file.read_bytes()) for file in files)
    return Beside(content=named[0][1] if len(named) == 1 else None, files=named)


def _target(number: str) -> tuple[int, ...]:
    """`2` is the second signer of the file, `2.1` the first who countersigned it; as `antin verify` numbers them."""
    try:
        path = tuple(int(step) - 1 for step in number.split("."))
    except ValueError as error:
        raise click.BadParameter("a number as in the report, such as 1 or 1.2", param_hint="--counter") from error
    return path
