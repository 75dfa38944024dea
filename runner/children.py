"""The processes of a running installation, and the table that says where they are reached."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import base.log
import wsgi
from base.run.children import ChildSpec
from base.run.preflight import listen_address
from base.run.progress import table
from base.settings import BaseSettings, Settings
from demo.settings import DemoSettings, addresses, port_of

READY = "/health/ready"
DEMO_THREADS = 4


def child_specs(settings: Settings) -> tuple[ChildSpec, ...]:
    """The server, the background worker, and the demo services where the demo city runs."""
    host, port = listen_address(settings[BaseSettings])
    children = [
        ChildSpec("server", partial(serve, settings), (host, port, READY)),
        ChildSpec("worker", partial(work, settings)),
    ]
    if settings[DemoSettings].demo_city:
        where = addresses(settings)
        for name, url in (("portal", where.portal), ("onestop", where.onestop)):
            demo_port = port_of(url)
            apart = {"PROMETHEUS_MULTIPROC_DIR": str(metrics_dir(settings, name))}  # their counters are not ours
            main = partial(serve_demo, name, demo_port)
            children.append(ChildSpec(f"demo {name}", main, ("127.0.0.1", demo_port, READY), apart))
    return tuple(children)


def metrics_dir(settings: Settings, name: str) -> Path:
    """Where the processes of one application leave their counters for each other."""
    return settings[BaseSettings].data_dir.resolve() / "metrics" / name


def serve(settings: Settings) -> None:
    """The server: every page and every endpoint."""
    from base.run.server import serve as serve_wsgi

    host, port = listen_address(settings[BaseSettings])
    workers, threads = settings[BaseSettings].workers, settings[BaseSettings].threads
    serve_wsgi("wsgi:application", host=host, port=port, workers=workers, threads=threads)


def serve_demo(name: str, port: int) -> None:
    """One demo service."""
    from base.run.server import serve as serve_wsgi

    serve_wsgi(f"demo.{name}:application", host="127.0.0.1", port=port, workers=1, threads=DEMO_THREADS)


def work(settings: Settings) -> None:
    """The background worker: outbox and periodic jobs."""
    from base.run.background import run_background

    base.log.configure(settings[BaseSettings].log_level)
    services = wsgi.open_services(settings)
    run_background(services.base, *wsgi.background(services))


def places(settings: Settings) -> str:
    """The table of addresses; in the demo city also of people to sign in as."""
    issuer = settings[BaseSettings].issuer
    rows: list[tuple[str, ...]] = [
        ("Ấn Tín", issuer, ""),
        ("Tài khoản · account", f"{issuer}/account", ""),
        ("Bàn ký số · signing desk", f"{issuer}/desk", ""),
        ("Kiểm tra chữ ký · verify", f"{issuer}/verify", ""),
    ]
    if settings[DemoSettings].demo_city:
        from demo.seed import sign_ins

        rows += sign_ins(settings)
    return table(rows)
