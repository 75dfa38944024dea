"""`antin prepare` and `antin finish`: a signature whose key is on a card, or with another office."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from signing.cli.cades_options import EXISTING, cades_options, read_options
from signing.cli.password import password_options, typed, with_password
from signing.errors import SigningError
from signing.flows.sign_elsewhere import ElsewhereOrder, finish_elsewhere, prepare_elsewhere
from signing.formats.paused import put_aside, take_up
from signing.services import SigningServices
from signing.validation.located import Beside
from signing.validation.trust_files import certificates_der

OUT = click.Path(dir_okay=False, path_type=Path)


def register(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    """Add the commands."""

    @click.command("prepare")
    @click.argument("file", type=EXISTING)
    @click.option("--certificate", required=True, type=EXISTING, help="The signer's, with those above it (PEM or DER).")
    @click.option("--out", required=True, type=OUT, help="Where to write the prepared signature.")
    @click.option("--to-sign", type=OUT, help="Where to write the bytes that the key must sign.")
    @click.option("--rs256", is_flag=True, help="RSA: a device that knows PKCS #1 v1.5 only, instead of PSS.")
    @password_options
    @cades_options
    def prepare(
        file: Path,
        certificate: Path,
        out: Path,
        to_sign: Path | None,
        rs256: bool,
        password: str,
        ask_password: bool,
        **words: Any,
    ) -> None:
        """
        Prepare a signature on FILE for a key that is not here, and print what that key must sign.

        The key signs the bytes of --to-sign, or, if it takes a digest, the digest that is printed. FILE itself never
        has to go where the key is. `antin finish` puts the value in.
        """
        _check_free(out, *([to_sign] if to_sign else []))
        holder, *chain = _certificates(certificate)
        order = ElsewhereOrder(
            document=file.read_bytes(),
            certificate=holder,
            chain=tuple(chain),
            algorithm="RS256" if rs256 else "",
            file_name=file.name,
            **with_password(read_options(**words), typed(password, ask_password)),
        )
        prepared = prepare_elsewhere(open_services(), order)
        out.write_bytes(put_aside(prepared))
        if to_sign:
            to_sign.write_bytes(prepared.signed_attributes)
        click.echo(f"{prepared.algorithm}  {prepared.to_be_signed_digest.hex()}")

    @click.command("finish")
    @click.argument("prepared", type=EXISTING)
    @click.argument("file", type=EXISTING)
    @click.option("--value", required=True, type=EXISTING, help="The signature value; ECDSA in DER.")
    @click.option("--out", required=True, type=OUT, help="Where to write.")
    @click.option("--content", type=EXISTING, help="The signed data, where FILE is a signature that holds none.")
    @password_options
    def finish(
        prepared: Path,
        file: Path,
        value: Path,
        out: Path,
        content: Path | None,
        password: str,
        ask_password: bool,
    ) -> None:
        """Put a signature value into what was PREPARED for FILE, time-stamp it, and check the result."""
        _check_free(out)
        document = file.read_bytes()
        waiting = take_up(prepared.read_bytes(), document)
        opens = typed(password, ask_password)
        beside = Beside(content=content.read_bytes() if content else document, password=opens)
        signed, signature = finish_elsewhere(open_services(), waiting, value.read_bytes(), beside)
        out.write_bytes(signed)
        click.echo(f"{out}  sha256:{hashlib.sha256(signed).hexdigest()}  {signature.signer}  {signature.indication}")

    group.add_command(prepare)
    group.add_command(finish)


def _certificates(path: Path) -> list[bytes]:
    try:
        return certificates_der(path.read_bytes())
    except ValueError as error:
        raise click.BadParameter(f"{path} cannot be read: {error}", param_hint="--certificate") from error


def _check_free(*places: Path) -> None:
    for place in places:
        if place.exists():
            raise SigningError("out_exists", vi=f"{place} đã có sẵn.", en=f"{place} exists; choose another name.")
