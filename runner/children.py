"""The processes of a running installation, and the table that says where they are reached."""

from __future__ import annotations

import sys

from base.run.children import ChildSpec
from base.run.preflight import listen_address
from base.run.progress import table
from base.settings import BaseSettings, Settings
from demo.settings import DemoSettings, addresses, port_of

ANTIN = (sys.executable, "-m", "runner")
READY = "/health/ready"


def child_specs(settings: Settings) -> tuple[ChildSpec, ...]:
    """The server, the background worker, and the demo services where the demo city runs."""
    host, port = listen_address(settings[BaseSettings])
    metrics = {"PROMETHEUS_MULTIPROC_DIR": str(settings[BaseSettings].data_dir.resolve() / "metrics")}
    children = [
        ChildSpec("server", (*ANTIN, "serve"), (host, port, READY), metrics),
        ChildSpec("worker", (*ANTIN, "worker"), None, metrics),
    ]
    if settings[DemoSettings].demo_city:
        where = addresses(settings)
        for name, url in (("portal", where.portal), ("onestop", where.onestop)):
            command = (*ANTIN, "serve-demo", name, str(port_of(url)))
            children.append(ChildSpec(f"demo {name}", command, ("127.0.0.1", port_of(url), READY)))
    return tuple(children)


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
        from demo.seed import sign_ins  # brings the whole demo along; the plain product does not need it

        rows += sign_ins(settings)
    return table(rows)
