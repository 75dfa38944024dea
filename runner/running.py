"""`antin run`, its parts `serve` and `worker`, and the two commands that prepare data: `migrate` and `seed`."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from functools import partial

import click

import base.log
import wsgi
from base.run import preflight
from base.run.children import ChildSpec, spawn
from base.run.progress import Progress
from base.run.supervisor import Supervisor
from base.settings import BaseSettings, Settings
from demo.settings import DemoSettings
from runner import program
from runner.children import child_specs, listened, metrics_dir, places, server_specs, work


@click.command()
@click.option("--demo", is_flag=True, help="Also run the demo city: two agency services, people, documents.")
def run(demo: bool) -> None:
    """
    Start everything in the foreground; Ctrl-C stops it.

    \b
    1. Look whether we can start here at all.
    2. Load the program once; every child is forked from here.
    3. Prepare the data folder, in a child, so that no key is opened here.
    4. Build the program over it, and keep nothing open.
    5. Start the children; when all answer, print where to go.
    """
    progress = Progress(click.echo)
    if demo:
        os.environ["ANTIN_DEMO_CITY"] = "true"
    settings = wsgi.load_settings(os.environ)
    base.log.configure(settings[BaseSettings].log_level)
    preflight.check_python()
    preflight.check_data_dir(settings[BaseSettings].data_dir)
    preflight.check_ports(listened(settings))
    fresh_metrics(settings)
    with progress.step("Chương trình · program"):
        wsgi.preload(settings, demo=demo)
        gc.freeze()  # keeps the collector from touching, and so copying, memory that is shared with the children
    prepared = spawn(ChildSpec("prepare", partial(prepare, settings, progress)))
    prepared.join()
    if prepared.exitcode:
        sys.exit(prepared.exitcode)
    children = child_specs(settings, program.build(settings))

    def say_where() -> None:
        click.echo(f"\n  Sẵn sàng sau {progress.seconds:.1f} s; Ctrl-C để dừng. · Ready; Ctrl-C stops.\n")
        click.echo(places(settings))

    sys.exit(Supervisor(children).run(say_where))


def prepare(settings: Settings, progress: Progress) -> None:
    """Migrate, create the keys, cut the fonts, register the desk, seed the demo; all of it only where it is missing."""
    from base.web import fonts

    with progress.step("Cơ sở dữ liệu · database"):
        wsgi.migrate(settings)
    with progress.step("Khoá và chứng thư · keys and certificates"):
        services = wsgi.open_services(settings)
    with progress.step("Phông chữ · fonts"):
        fonts.prepare(settings[BaseSettings].data_dir)
    with progress.step("Bàn ký số · signing desk"):
        wsgi.register_desk(services)
        wsgi.register_api(services)
    if settings[DemoSettings].demo_city:
        with progress.step("Thành phố minh hoạ · demo city"):
            wsgi.seed_demo(services)


def fresh_metrics(settings: Settings) -> None:
    """Forget the counters of processes that are no more; must come before base/metrics.py is loaded."""
    shutil.rmtree(metrics_dir(settings, ""), ignore_errors=True)
    for name in ("product", "portal", "onestop"):
        metrics_dir(settings, name).mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics_dir(settings, "product"))


@click.command()
def serve() -> None:
    """The server alone; for installations that supervise processes themselves."""
    settings = wsgi.load_settings(os.environ)
    base.log.configure(settings[BaseSettings].log_level)
    preflight.check_ports(listened(settings))
    fresh_metrics(settings)
    wsgi.preload(settings, demo=False)
    sys.exit(Supervisor(server_specs(settings, program.build(settings))).run(lambda: None))


@click.command()
def worker() -> None:
    """The background worker alone: outbox and periodic jobs."""
    settings = wsgi.load_settings(os.environ)
    base.log.configure(settings[BaseSettings].log_level)
    work(wsgi.assemble_services(settings))


@click.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    from migrations.head import newest

    wsgi.migrate(wsgi.load_settings(os.environ))
    click.echo(newest())


@click.command()
def seed() -> None:
    """Create the demo city's people, organisations and clients where they are missing."""
    os.environ["ANTIN_DEMO_CITY"] = "true"
    settings = wsgi.load_settings(os.environ)
    wsgi.migrate(settings)
    services = wsgi.open_services(settings)
    wsgi.register_desk(services)
    wsgi.register_api(services)
    wsgi.seed_demo(services)
    click.echo(places(settings))


COMMANDS = (run, serve, worker, migrate, seed)
