"""The processes of a running installation, and the table that says where they are reached."""

from __future__ import annotations

import gc
from functools import partial
from importlib import import_module
from pathlib import Path

import wsgi
from base.run.children import ChildSpec
from base.run.preflight import listen_address
from base.run.progress import table
from base.settings import BaseSettings, Settings
from demo.settings import DemoSettings, addresses, port_of
from runner.program import Program
from wsgi import Services

READY = "/health/ready"
DEMO_THREADS = 4


def child_specs(settings: Settings, program: Program) -> tuple[ChildSpec, ...]:
    """The server processes, the background worker, and the demo services where the demo city runs."""
    children = [*server_specs(settings, program), ChildSpec("worker", partial(work, program.services))]
    for name, port in demo_ports(settings).items():
        apart = {"PROMETHEUS_MULTIPROC_DIR": str(metrics_dir(settings, name))}  # their counters are not ours
        main = partial(serve_demo, name, port)
        children.append(ChildSpec(f"demo {name}", main, ("127.0.0.1", port, READY), apart))
    return tuple(children)


def server_specs(settings: Settings, program: Program) -> tuple[ChildSpec, ...]:
    """`ANTIN_WORKERS` processes that listen on one port."""
    main, ready = partial(serve, settings, program), (*listen_address(settings[BaseSettings]), READY)
    return tuple(ChildSpec(f"server {one + 1}", main, ready) for one in range(settings[BaseSettings].workers))


def listened(settings: Settings) -> list[tuple[str, int]]:
    """Every address that a child will listen on."""
    demo = [("127.0.0.1", port) for port in demo_ports(settings).values()]
    return [listen_address(settings[BaseSettings]), *demo]


def demo_ports(settings: Settings) -> dict[str, int]:
    """The demo services and where they listen; none without the demo city."""
    if not settings[DemoSettings].demo_city:
        return {}
    where = addresses(settings)
    return {"portal": port_of(where.portal), "onestop": port_of(where.onestop)}


def metrics_dir(settings: Settings, name: str) -> Path:
    """Where the processes of one application leave their counters for each other."""
    return settings[BaseSettings].data_dir.resolve() / "metrics" / name


def serve(settings: Settings, program: Program) -> None:
    """One server process: every page and every endpoint."""
    from base.run.server import serve as serve_wsgi

    wsgi.start_services(program.services)
    gc.freeze()  # what stays for good is looked at by no collection any more
    host, port = listen_address(settings[BaseSettings])
    serve_wsgi(program.application, host=host, port=port, threads=settings[BaseSettings].threads)


def serve_demo(name: str, port: int) -> None:
    """One demo service."""
    from base.run.server import serve as serve_wsgi

    serve_wsgi(import_module(f"demo.{name}").application, host="127.0.0.1", port=port, threads=DEMO_THREADS)


def work(services: Services) -> None:
    """The background worker: outbox and periodic jobs."""
    from base.run.background import run_background

    wsgi.start_services(services)
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
