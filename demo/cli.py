"""`antin demo …`: help for people who try the demo city without an authenticator app."""

from __future__ import annotations

from collections.abc import Callable

import click

from base.clock import SystemClock
from base.settings import BaseSettings, Settings
from demo.sign_ins import current_code, read_sign_ins


def register(group: click.Group, load_settings: Callable[[], Settings]) -> None:
    """Add `antin demo`."""

    @group.group()
    def demo() -> None:
        """The demo city."""

    @demo.command("totp")
    @click.argument("username", default="minh")
    def demo_totp(username: str) -> None:
        """Print the current six digits of somebody's second factor."""
        code, seconds = current_code(load_settings()[BaseSettings].data_dir, username, SystemClock().now())
        click.echo(f"{code}  (còn {seconds} giây · {seconds} s left)")

    @demo.command("sign-ins")
    def demo_sign_ins() -> None:
        """Print the demo sign-ins again."""
        for row in read_sign_ins(load_settings()[BaseSettings].data_dir):
            click.echo(f"{row.username}  {row.password}  {row.otpauth()}".rstrip())
