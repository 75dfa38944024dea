"""`antin demo …`: help for people who try the demo city without an authenticator app."""

from __future__ import annotations

from collections.abc import Callable

import click

from base.clock import SystemClock
from base.settings import BaseSettings, Settings
from demo.sign_ins import current_code, read_sign_ins
from idp.services import IdpServices


def register(
    group: click.Group, load_settings: Callable[[], Settings], open_services: Callable[[], IdpServices]
) -> None:
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

    @demo.command("approve")
    @click.argument("auth_req_id")
    @click.option("--action", type=click.Choice(("allow", "deny")), default="allow", show_default=True)
    def demo_approve(auth_req_id: str, action: str) -> None:
        """Answer a backchannel request in the name of its person. In a demo only."""
        from demo.approver import answer, require_demo

        require_demo(load_settings())
        answer(open_services(), auth_req_id, action)

    @demo.command("approver")
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option("--port", type=int, default=8090, show_default=True)
    def demo_approver(host: str, port: int) -> None:
        """Serve POST /?auth_req_id=…&action=allow|deny, for test suites that have nobody at a screen. In a demo only.

        Whoever reaches it can sign in as anybody.
        """
        from werkzeug.serving import make_server

        from demo.approver import application, require_demo

        require_demo(load_settings())
        click.echo(f"http://{host}:{port}/?auth_req_id={{auth_req_id}}&action={{action}}")
        make_server(host, port, application(open_services())).serve_forever()
