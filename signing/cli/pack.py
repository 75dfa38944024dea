"""`antin pack`: several files in one container that waits for its signatures."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from signing.cli.cades_options import EXISTING
from signing.errors import SigningError
from signing.formats.asic_container import Kind, pack


def register(group: click.Group) -> None:
    """Add the command."""

    @click.command("pack")
    @click.argument("files", type=EXISTING, nargs=-1, required=True)
    @click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
    def pack_command(files: tuple[Path, ...], out: Path) -> None:
        """
        Put FILES into one container (ASiC-E) that is not signed yet.

        The same files in the same order always give the same container. Its digest, which is printed, is what an
        official approves before `antin sign --format asic-e` signs it.
        """
        if out.exists():
            raise SigningError("out_exists", vi=f"{out} đã có sẵn.", en=f"{out} exists; choose another name.")
        packed = pack(Kind.EXTENDED, ((file.name, file.read_bytes()) for file in files)).write()
        out.write_bytes(packed)
        click.echo(f"{out}  sha256:{hashlib.sha256(packed).hexdigest()}")

    group.add_command(pack_command)
