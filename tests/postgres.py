"""A private PostgreSQL cluster for tests: own folder, own port, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUPERUSER = "antin"


def find_binaries() -> Path | None:
    """The folder of the newest installed server (15+), or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found and int(found[-1].parts[-3]) >= 15:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def cluster(*, durable: bool = False, counting: bool = False) -> Iterator[str]:
    """
    Start a cluster; yields `postgresql://antin@127.0.0.1:PORT`. Never as root: it drops to `postgres`.

    counting: whether statements are counted (pg_stat_statements, where it is installed).
    durable: whether commits wait for the disk. Tests have no use for that (what two transactions see of each other is
    the same), measurements have.
    """
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL 15 or newer is not installed")
    folder = Path(tempfile.mkdtemp(prefix="antin-pg-"))
    become: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*become, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run(str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-locale")
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c max_connections=200 -c synchronous_commit=on"
    if counting and list(binaries.parent.glob("lib/pg_stat_statements.so")):
        options += " -c shared_preload_libraries=pg_stat_statements"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off"
    run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://{SUPERUSER}@127.0.0.1:{port}"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
