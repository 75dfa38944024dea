"""`antin run` and the commands of its children."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial

import click

import base.log
import wsgi
from base.run import preflight
from base.run.progress import Progress
from base.settings import BaseSettings
from demo.settings import DemoSettings
from runner.children import ANTIN, child_specs, places


@click.command()
@click.option("--demo", is_flag=True, help="Also run the demo city: two agency services, people, documents.")
def run(demo: bool) -> None:
    """
    Start everything in the foreground; Ctrl-C stops it.

    \b
    1. Look whether we can start here at all.
    2. Prepare the data folder in a process of its own, so that this one stays small.
    3. Start the children; when all answer, print where to go.
    """
    from base.run.supervisor import Supervisor

    progress = Progress(click.echo)
    if demo:
        os.environ["ANTIN_DEMO_CITY"] = "true"
    settings = wsgi.load_settings(os.environ)
    base.log.configure(settings[BaseSettings].log_level)
    children = child_specs(settings)
    preflight.check_python()
    preflight.check_data_dir(settings[BaseSettings].data_dir)
    preflight.check_ports([child.ready[:2] for child in children if child.ready])
    prepared = subprocess.run([*ANTIN, "prepare"], check=False, stdout=subprocess.PIPE)
    if prepared.returncode:
        sys.exit(prepared.returncode)

    def say_where() -> None:
        click.echo(f"\n  Sẵn sàng sau {progress.seconds:.1f} s; Ctrl-C để dừng. · Ready; Ctrl-C stops.\n")
        click.echo(prepared.stdout)

    sys.exit(Supervisor(children).run(say_where))


@click.command(hidden=True)
def prepare() -> None:
    """
    Migrate, create the keys, cut the fonts, register the desk, seed the demo; everything that is done once.

    Progress goes to standard error; standard output is the table that `antin run` prints when all children answer.
    """
    from base.web import fonts

    progress = Progress(partial(click.echo, err=True))
    settings = wsgi.load_settings(os.environ)
    data_dir = settings[BaseSettings].data_dir
    shutil.rmtree(data_dir / "metrics", ignore_errors=True)  # counters of processes that are no more
    (data_dir / "metrics").mkdir()
    with progress.step("Cơ sở dữ liệu · database"):
        wsgi.migrate(settings)
    with progress.step("Khoá và chứng thư · keys and certificates"):
        services = wsgi.open_services(settings)
    with progress.step("Phông chữ · fonts"):
        fonts.prepare(data_dir)
    with progress.step("Bàn ký số · signing desk"):
        wsgi.register_desk(services)
    if settings[DemoSettings].demo_city:
        with progress.step("Thành phố minh hoạ · demo city"):
            wsgi.seed_demo(services)
    click.echo(places(settings))


@click.command(hidden=True)
def serve() -> None:
    """The server alone, as a child of `antin run`."""
    from base.run.server import serve as serve_wsgi

    settings = wsgi.load_settings(os.environ)[BaseSettings]
    host, port = preflight.listen_address(settings)
    serve_wsgi("wsgi:application", host=host, port=port, workers=settings.workers, threads=settings.threads)


@click.command("serve-demo", hidden=True)
@click.argument("name", type=click.Choice(["portal", "onestop"]))
@click.argument("port", type=int)
def serve_demo(name: str, port: int) -> None:
    """One demo service, as a child of `antin run --demo`."""
    from base.run.server import serve as serve_wsgi

    serve_wsgi(f"demo.{name}:application", host="127.0.0.1", port=port, workers=1, threads=4)


@click.command(hidden=True)
def worker() -> None:
    """The background worker alone: outbox and periodic jobs."""
    from base.run.background import run_background

    settings = wsgi.load_settings(os.environ)
    base.log.configure(settings[BaseSettings].log_level)
    services = wsgi.open_services(settings)
    handlers, jobs = wsgi.background(services)
    run_background(services.base, handlers, jobs)


@click.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    from migrations.head import newest

    wsgi.migrate(wsgi.load_settings(os.environ))
    click.echo(newest())


@click.command()
def seed() -> None:
    """Create the demo city's people, organisations and clients where they are missing."""
    settings = wsgi.load_settings(os.environ)
    wsgi.migrate(settings)
    services = wsgi.open_services(settings)
    wsgi.register_desk(services)
    wsgi.seed_demo(services)
    click.echo(places(settings))


COMMANDS = (run, prepare, serve, serve_demo, worker, migrate, seed)
