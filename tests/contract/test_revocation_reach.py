"""
OA-30: what is revoked through one server process counts in no other, within a second, however often it is tried.

Two servers as people start them, on one PostgreSQL; this test is a third process that signs people in.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest

from base.clock import SystemClock
from base.services import open_base
from base.settings import BaseSettings, Settings
from idp.flows.disable_client import disable_client
from idp.flows.disable_user import disable_user
from idp.flows.end_session import end_all
from idp.flows.open_idp import open_idp
from idp.settings import IdpSettings
from idp.web.hot import routes
from keys.services import open_keys
from keys.settings import KeysSettings
from tests.city import spare_ports
from tests.contract.races import ROUNDS as TRIALS
from tests.provider import Provider, Registered

pytestmark = [pytest.mark.race, pytest.mark.slow]
ROOT = Path(__file__).parent.parent.parent

LATEST_SECONDS = 1.0
READY_SECONDS = 90


@contextmanager
def server(port: int, environ: dict[str, str], folder: Path) -> Iterator[None]:
    """`antin run` on that port, until it is ready."""
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "runner", "run"],
            env=environ | {"ANTIN_BIND": f"127.0.0.1:{port}"},
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + READY_SECONDS
        while not _ready(port):
            assert process.poll() is None, (folder / f"{port}.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Cluster:
    """Two servers and their database."""

    def __init__(self, ports: list[int], provider: Provider) -> None:
        self.provider = provider
        self.doors = [http.client.HTTPConnection("127.0.0.1", port, timeout=10) for port in ports]

    def post(self, door: int, path: str, client: Registered, **form: str) -> tuple[int, dict[str, object]]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": client.basic}
        self.doors[door].request("POST", path, urlencode(form), headers)
        answer = self.doors[door].getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else {}

    def active(self, door: int, client: Registered, token: str) -> bool:
        status, told = self.post(door, "/introspect", client, token=token)
        assert status == 200, (status, told)
        return bool(told["active"])

    def seconds_until_dead(self, api: Registered, *tokens: str) -> float:
        """How long any of the tokens counts at any of the servers from now on."""
        begun = time.monotonic()
        for token in tokens:
            for door in (1, 0):
                while self.active(door, api, token):
                    assert time.monotonic() - begun < 5
                    time.sleep(0.02)
        return time.monotonic() - begun


@pytest.fixture
def cluster(pg_url: str, tmp_path: Path) -> Iterator[Cluster]:
    ports = spare_ports(2)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTIN_")}
    issuer = f"http://localhost:{ports[0]}"
    environ = kept | {
        "ANTIN_ISSUER": issuer,
        "ANTIN_DATABASE_URL": pg_url,
        "ANTIN_DATA_DIR": str(tmp_path / "var"),
        "ANTIN_WORKERS": "1",
        "PYTHONPATH": str(ROOT),
    }
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(server(port, environ, tmp_path))
        base = BaseSettings(issuer=issuer, database_url=pg_url, data_dir=tmp_path / "var")
        groups = (base, KeysSettings(), IdpSettings(argon2_memory_kib=1024, argon2_time_cost=1))
        opened = open_base(Settings({type(group): group for group in groups}), clock=SystemClock())
        stack.callback(opened.db.close)
        services = open_idp(opened, open_keys(opened))
        found = Cluster(ports, Provider(services, routes(services)))
        for door in found.doors:
            stack.callback(door.close)
        yield found


def test_revocation_is_seen_everywhere(cluster: Cluster) -> None:
    provider, api = cluster.provider, "https://api.example.vn"
    reader = provider.machine(resource=api)
    longest: dict[str, float] = {}

    def trial(name: str, tokens: list[str], revoke: Callable[[], object]) -> None:
        for token in tokens:
            assert cluster.active(0, reader, token), name
            assert cluster.active(1, reader, token), name
        revoke()
        longest[name] = max(longest.get(name, 0), cluster.seconds_until_dead(reader, *tokens))

    clients = {
        form: provider.client(trusted=True, resource=api, scope="records.read", access_token_format=form)
        for form in ("jwt", "opaque")
    }
    machines = {form: provider.machine(resource=api, access_token_format=form) for form in ("jwt", "opaque")}
    person = provider.person()
    cookie = provider.session(person)
    for number in range(TRIALS):
        form = ("jwt", "opaque")[number % 2]
        kind = number % 100
        client, machine = clients[form], machines[form]
        if kind < 50:
            token = str(cluster.post(0, "/token", machine, grant_type="client_credentials")[1]["access_token"])
            trial(f"access token, {form}", [token], partial(cluster.post, 0, "/revoke", machine, token=token))
        elif kind < 90:
            tokens = provider.redeem(client, provider.code(client, cookie, scope="records.read")).json
            given = tokens["refresh_token"]
            trial(
                f"refresh token, {form}",
                [tokens["access_token"]],
                partial(cluster.post, 0, "/revoke", client, token=given),
            )
            assert cluster.post(1, "/token", client, grant_type="refresh_token", refresh_token=given)[0] == 400
        elif kind < 96:
            tokens = provider.redeem(client, provider.code(client, cookie, scope="records.read")).json
            trial(f"session, {form}", [tokens["access_token"]], partial(end_all, provider.services, person, "all"))
            cookie = provider.session(person)
        elif kind < 98:
            other = provider.person(f"person{number}")
            code = provider.code(client, provider.session(other), scope="records.read")
            tokens = provider.redeem(client, code).json
            trial(
                f"user disabled, {form}",
                [tokens["access_token"]],
                partial(disable_user, provider.services, other),
            )
        else:
            leaving = provider.machine(resource=api, access_token_format=form)
            token = str(cluster.post(1, "/token", leaving, grant_type="client_credentials")[1]["access_token"])
            trial(f"client disabled, {form}", [token], partial(disable_client, provider.services, leaving.id))
            assert cluster.post(1, "/token", leaving, grant_type="client_credentials")[0] == 401
    print(f"longest seconds until dead everywhere: {longest}")
    assert max(longest.values()) <= LATEST_SECONDS, longest
