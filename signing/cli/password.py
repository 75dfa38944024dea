"""The password of an encrypted PDF: from a file or typed, never on the command line, where every process sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from signing.validation.located import ALONE

LONGEST = 1024
Command = TypeVar("Command", bound=Callable[..., Any])


def password_options(command: Command) -> Command:
    """Add `--password-file` and `--ask-password`; the command gets `password`, empty without them."""
    asked = click.option("--ask-password", is_flag=True, help="Ask for the password of an encrypted PDF.")
    given = click.option(
        "--password-file",
        "password",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=_read,
        help="A file with the password of an encrypted PDF in its first line (UTF-8).",
    )

    return asked(given(command))


def typed(password: str, ask: bool) -> str:
    """The password that was given, or, if it is to be asked for, typed. Raises: click.UsageError: both."""
    if ask and password:
        raise click.UsageError("--password-file and --ask-password exclude each other.")
    return str(click.prompt("Password", hide_input=True)) if ask else password


def with_password(options: dict[str, Any], password: str) -> dict[str, Any]:
    """Fields of an order, with the password among what comes along with the document."""
    return {**options, "beside": replace(options.get("beside", ALONE), password=password)}


def _read(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_bytes()[: 4 * LONGEST].decode().split("\n", 1)[0].rstrip("\r")[:LONGEST]
    except UnicodeDecodeError as error:
        raise click.BadParameter("not UTF-8") from error
