"""
create_app() and the `antin` command. The only file that imports all packages; newcomers start here.

Read `assemble_services` (settings → database → keys → idp → signing), then `build_application` (web shell → pages → hot
edge), then the table of commands. Packages are imported inside the functions, so that `antin verify` needs no database
and `antin --help` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import base.log
from base.errors import AntinError, SettingsError, StartError
from base.settings import BaseSettings, Settings, load
from base.texts import Text

if TYPE_CHECKING:
    from flask import Flask

    from base.outbox import Handler
    from base.services import BaseServices, Job
    from idp.services import IdpServices
    from keys.api import Keys
    from keys.handles import SealedColumn
    from signing.services import SigningServices

NAME = Text("Ấn Tín", "Ấn Tín")
TOML = Path("antin.toml")


# ── Composition ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Services:
    """Everything one process works with."""

    base: BaseServices
    keys: Keys
    idp: IdpServices
    signing: SigningServices


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Every setting of every package. Raises: SettingsError."""
    from demo.settings import DemoSettings
    from idp.settings import IdpSettings
    from keys.settings import KeysSettings
    from signing.settings import SigningSettings

    return load((BaseSettings, KeysSettings, IdpSettings, SigningSettings, DemoSettings), environ, TOML)


def open_floor(settings: Settings) -> BaseServices:
    """The database and what stands on it; enough for commands that need no keys."""
    from base.services import open_base

    return open_base(settings)


def open_services(settings: Settings) -> Services:
    """
    The whole product, ready for use in this process.

    Raises: StartError: the database does not answer, or must be migrated first.
    """
    services = assemble_services(settings)
    start_services(services)
    return services


def assemble_services(settings: Settings) -> Services:
    """
    The whole product, bottom up; each line stands on the lines above it. No key is opened: see start_services.

    Raises: as open_services.
    """
    from idp.flows.open_idp import open_idp
    from keys.services import assemble_keys
    from migrations.head import require_current
    from signing.services import open_signing

    base = open_floor(settings)
    require_current(base.db)
    keys = assemble_keys(base)
    idp = open_idp(base, keys)
    signing = open_signing(base, keys)
    return Services(base, keys, idp, signing)


def start_services(services: Services) -> None:
    """Open the keys, in the process that works with them and in no parent of it."""
    from keys.services import start_keys

    start_keys(services.keys)


def create_flask(services: Services) -> Flask:
    """Everything people see and everything rare: one Flask application on which each package mounts its pages."""
    import idp.web
    import keys.web
    import signing.web
    from base.web.health import add_readiness
    from base.web.shell import make_app
    from migrations.head import is_current
    from runner.roads import roads

    cookie_key = services.keys.derive_cookie_key()
    app = make_app(services.base, name=NAME, roads=roads(services.base.settings), cookie_key=cookie_key)
    keys.web.mount(app, services.keys)
    idp.web.mount(app, services.idp)
    signing.web.mount(app, services.signing)
    add_readiness(app, "migrations", lambda: is_current(services.base.db))
    add_readiness(app, "keys", services.keys.ready)
    return app


def create_app(environ: Mapping[str, str]) -> Any:
    """The WSGI application of a process that nobody has prepared anything for. Raises: SettingsError, StartError."""
    settings = load_settings(environ)
    base.log.configure(settings[BaseSettings].log_level)
    return build_application(open_services(settings))


def build_application(services: Services) -> Any:
    """
    The WSGI application over the services, whose keys need not be open yet.

    1. The Flask application.
    2. In front of it the hot edge, which answers the busy protocol endpoints without a framework.
    3. Before both, where trusted proxies are configured, the caller's real address.
    4. Before all, where a header for it is configured, the client's certificate: it sees who has really connected.
    """
    import idp.web.hot
    import idp.web.login
    import keys.web
    from base.web.client_certificate import with_client_certificates
    from base.web.edge import dispatcher
    from idp.settings import IdpSettings

    settings = services.base.settings
    app = create_flask(services)
    table = {
        **idp.web.hot.routes(services.idp),
        **idp.web.login.routes(app, services.idp),
        **keys.web.routes(services.keys),
    }
    application = dispatcher(table, app.wsgi_app, keys.web.prefixes(services.keys))
    proxies = settings[BaseSettings].trusted_proxies
    if proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        application = ProxyFix(application, x_for=proxies, x_proto=proxies)
    mtls = settings[IdpSettings]
    if mtls.mtls_header:
        return with_client_certificates(
            application, header=mtls.mtls_header, chain_header=mtls.mtls_chain_header, proxies=mtls.mtls_proxies
        )
    return application


PRODUCT = (
    "base.run.background",
    "base.run.server",
    "idp.flows.background",
    "idp.flows.open_idp",
    "idp.web.hot",
    "keys.services",
    "keys.web",
    "migrations.head",
    "runner.roads",
    "signing.flows.background",
    "signing.web",
)
DEMO = ("demo.onestop_pages", "demo.portal_pages", "demo.seed", "demo.service_app")


def preload(settings: Settings, *, demo: bool) -> None:
    """
    Load all modules a child will need, the driver of the database among them, and open nothing; children that are
    forked afterwards share them.
    """
    for name in (*PRODUCT, *(DEMO if demo else ())):
        import_module(name)
    open_floor(settings).db.close()


def migrate(settings: Settings) -> None:
    """Bring the database to the newest revision; Alembic is loaded only when there is something to do."""
    from base.run.preflight import check_data_dir
    from migrations.head import is_current

    check_data_dir(settings[BaseSettings].data_dir)
    database = open_floor(settings).db
    if not is_current(database):
        from migrations.upgrade import upgrade

        upgrade(database)
    database.close()


def register_desk(services: Services) -> None:
    """The desk is a relying party like any other; this is where the two packages meet."""
    from idp.flows import register_client
    from signing.flows import desk_client

    register_client.register(
        services.idp,
        desk_client.metadata(services.signing),
        purpose=Text("Ký số văn bản hành chính", "Signing administrative documents"),
        trusted=True,
        client_secret=desk_client.client_secret(services.signing),
        if_missing=True,
    )


def register_api(services: Services) -> None:
    """The API for applications: a resource of the provider, and the client that asks it about access tokens."""
    from idp.flows import register_client, register_resource
    from signing.flows.api import registration

    register_resource.register_resource(services.idp, registration.resource(services.signing), if_missing=True)
    register_client.register(
        services.idp,
        registration.client(services.signing),
        purpose=Text("API chữ ký số cho ứng dụng", "Signatures for applications"),
        client_secret=registration.client_secret(services.signing),
        if_missing=True,
    )


def background(services: Services) -> tuple[Mapping[str, Handler], list[Job]]:
    """What the background worker does: deliveries by kind, and the periodic jobs of every package."""
    import idp.flows.background
    import keys.services
    import signing.flows.background

    jobs = [
        *keys.services.jobs(services.keys),
        *idp.flows.background.jobs(services.idp),
        *signing.flows.background.jobs(services.signing),
    ]
    return idp.flows.background.outbox_handlers(services.idp), jobs


def seed_demo(services: Services) -> None:
    """Create the demo city where it is missing."""
    from demo.seed import seed

    seed(services.idp, services.signing, services.base.settings)


def __getattr__(name: str) -> Any:
    """`wsgi:application` is built when a server process asks for it, once."""
    if name != "application":
        raise AttributeError(name)
    try:
        globals()[name] = create_app(os.environ)
        gc.freeze()  # what stays for good is looked at by no collection any more
    except AntinError as error:
        _complain(error)
        sys.exit(2)
    return globals()[name]


# ── The `antin` command ──────────────────────────────────────────────────────────────────────────────────────────


def _complain(error: AntinError) -> None:
    for sentence in (error.vi, error.en, error.hint):
        if sentence:
            click.echo(sentence, err=True)


Register = Callable[[click.Group], None]


class Antin(click.Group):
    """Loads a package's commands when one of them is asked for; an expected error ends with a sentence, not a trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            COMMANDS[cmd_name](self)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AntinError as error:
            _complain(error)
            ctx.exit(2 if isinstance(error, SettingsError | StartError) else 1)


@click.group(cls=Antin)
@click.version_option(package_name="antin")
def cli() -> None:
    """Ấn Tín: identity provider and document signing."""


def _running(group: click.Group) -> None:
    import runner.running

    for command in runner.running.COMMANDS:
        group.add_command(command)


def _care(group: click.Group) -> None:
    import runner.care

    for command in runner.care.COMMANDS:
        group.add_command(command)


def _idp(group: click.Group) -> None:
    import idp.cli

    idp.cli.register(group, lambda: open_services(load_settings(os.environ)).idp)


def _keys(group: click.Group) -> None:
    import keys.cli

    keys.cli.register(group, lambda: open_services(load_settings(os.environ)).keys, sealed_columns)


def sealed_columns() -> tuple[SealedColumn, ...]:
    """Every column of every package that is sealed under the master key."""
    import idp.store.sealed
    import keys.store.sealed
    import signing.store.sealed

    return (*keys.store.sealed.SEALED, *idp.store.sealed.SEALED, *signing.store.sealed.SEALED)


def _signing(group: click.Group) -> None:
    import signing.cli

    signing.cli.register(group, lambda: open_services(load_settings(os.environ)).signing)


def _demo(group: click.Group) -> None:
    import demo.cli

    demo.cli.register(group, lambda: load_settings(os.environ), lambda: open_services(load_settings(os.environ)).idp)


COMMANDS: Mapping[str, Register] = {
    **dict.fromkeys(("run", "serve", "worker", "migrate", "seed"), _running),
    **dict.fromkeys(("config", "audit", "doctor"), _care),
    **dict.fromkeys(("client", "issuer", "resource", "session", "user"), _idp),
    **dict.fromkeys(("approval", "ca", "certificate", "key", "operator", "seal", "trust"), _keys),
    "demo": _demo,
    **dict.fromkeys(("sign", "pack", "verify", "extend", "preserve", "evidence", "prepare", "finish"), _signing),
}
"""Who brings which command."""


if __name__ == "__main__":
    cli()
