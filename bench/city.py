"""A provider of its own for one measurement: started, filled through its command and its login pages, stopped."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from tests.city import ROOT, antin_command, spare_ports
from tests.proofs import HeldKey

REDIRECT_URI = "http://localhost:9/callback"
PASSWORD = "mười chín con chim sẻ trên mái ngói"  # of made-up people in a database that is thrown away
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in: the Cookie header of the browser and one access token."""

    cookie: str
    access_token: str


OURS = {
    "authorize": "/authorize",
    "par": "/par",
    "token": "/token",
    "introspect": "/introspect",
    "userinfo": "/userinfo",
}


@dataclass(slots=True)
class City:
    """
    A running provider, its clients as (client_id, client_secret), and people who are signed in.

    paths: its endpoints; strong: the client that pushes, signs and binds, and its key; seen_as: the address that its
    endpoints believe to have, which proofs of possession name; command: what stands before the words of `antin`.
    """

    port: int
    pid: int
    connections: int
    environ: Mapping[str, str]
    paths: Mapping[str, str] = field(default_factory=lambda: OURS)
    strong: str = ""
    key: HeldKey = field(default_factory=HeldKey)
    seen_as: str = ""
    command: Sequence[str] = ()
    service: tuple[str, str] = ("", "")
    machine: tuple[str, str] = ("", "")
    people: list[Person] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def running(
    folder: Path,
    database_url: str,
    *,
    connections: int,
    workers: int,
    threads: int,
    command: Sequence[str] = (),
    **settings: str,
) -> Iterator[City]:
    """
    Start the provider on a spare port and stop it afterwards.

    command: instead of `antin`. settings: more of them, without ANTIN_.
    """
    (port,) = spare_ports(1)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ANTIN_")} | {
        "ANTIN_ISSUER": f"http://localhost:{port}",
        "ANTIN_DATA_DIR": str(folder),
        "ANTIN_DATABASE_URL": database_url,
        "ANTIN_WORKERS": str(workers),
        "ANTIN_THREADS": str(threads),
        **{f"ANTIN_{name.upper()}": value for name, value in settings.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "run.log").open("wb")
    started_by = tuple(command or antin_command())
    process = subprocess.Popen([*started_by, "run"], env=environ, cwd=ROOT, stdout=log, stderr=log)
    try:
        city = City(port, process.pid, connections, environ, seen_as=f"http://localhost:{port}", command=started_by)
        _wait_ready(city, process, folder / "run.log")
        yield city
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def fill(city: City, *, people: int) -> None:
    """Register the two clients, make people, sign them in, and collect one refresh token a connection."""
    city.service = _client(
        city,
        {
            "client_name": "Bench service",
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile offline_access",
            "id_token_signed_response_alg": "ES256",
        },
    )
    city.machine = _client(
        city, {"client_name": "Bench machine", "grant_types": ["client_credentials"], "redirect_uris": []}
    )
    city.strong = _client(
        city,
        {
            "client_name": "Bench strong",
            "profile": "fapi2",
            "redirect_uris": [REDIRECT_URI],
            "scope": "openid profile",
            "jwks": city.key.jwks,
        },
    )[0]
    for number in range(people):
        _antin(city, "user", "add", "--username", f"bench{number}", "--password-stdin", given=PASSWORD)
    sign_people_in(city, people=people)


def sign_people_in(city: City, *, people: int) -> None:
    """Sign people in through the pages, let them allow what the clients ask, collect a refresh token a connection."""
    for number in range(people):
        name = f"bench{number}"
        browser = requests.Session()
        tokens = _sign_in(city, browser, name)
        _allow_strong(city, browser, name)
        city.refresh_tokens.append(tokens["refresh_token"])
        while len(city.refresh_tokens) < city.connections and len(city.refresh_tokens) % -(-city.connections // people):
            city.refresh_tokens.append(_sign_in(city, browser, name)["refresh_token"])
        cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
        city.people.append(Person(cookie, tokens["access_token"]))


def _client(city: City, metadata: dict[str, object]) -> tuple[str, str]:
    made = json.loads(_antin(city, "client", "add", "-", given=json.dumps(metadata)))
    return made["client_id"], made.get("client_secret", "")


def _antin(city: City, *words: str, given: str) -> str:
    done = subprocess.run(
        [*city.command, *words], input=given, env=dict(city.environ), cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"antin {' '.join(words)}: {done.stderr[-500:]}")
    return done.stdout


def _sign_in(city: City, browser: requests.Session, username: str) -> dict[str, str]:
    """The tokens of a code that was got through the pages."""
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": city.service[0],
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile offline_access",
        **({"prompt": "consent"} if city.paths is OURS else {}),  # the peer's people have consented
        "state": "s",
        "nonce": "n",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    code = _walk(city, browser, username, asked)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": verifier}
    address = city.issuer + city.paths["token"]
    tokens: dict[str, str] = requests.post(address, data=form, auth=city.service, timeout=10).json()
    return tokens


def _allow_strong(city: City, browser: requests.Session, username: str) -> None:
    """The same person allows the client that pushes, so that it can be served in silence from then on."""
    asked = strong_request(city, "x" * 43)
    pushed = requests.post(city.issuer + city.paths["par"], data=asked, timeout=10).json()
    _walk(city, browser, username, {"client_id": city.strong, "request_uri": pushed["request_uri"]})


def strong_request(city: City, verifier: str) -> dict[str, str]:
    """What the client that pushes sends to the pushed authorization request endpoint, with its assertion."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return {
        "response_type": "code",
        "client_id": city.strong,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile",
        "state": "s",
        "nonce": "n",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **city.key.assertion(city.strong, int(time.time()), aud=city.issuer),
    }


def _walk(city: City, browser: requests.Session, username: str, asked: Mapping[str, str]) -> str:
    """Walk the login and consent pages like a browser without script. Returns the code."""
    answer = browser.get(city.issuer + city.paths["authorize"], params=dict(asked), allow_redirects=False)
    for _ in range(12):
        location = answer.headers.get("Location", "")
        if location.startswith(REDIRECT_URI):
            return parse_qs(urlsplit(location).query)["code"][0]
        if location:
            answer = browser.get(urljoin(answer.url, location), allow_redirects=False)
            continue
        form = {name: unescape(value) for name, value in _FIELD.findall(answer.text)}
        asks_password = 'name="password"' in answer.text
        form |= {"username": username, "password": PASSWORD} if asks_password else {"decision": "allow"}
        answer = browser.post(answer.url, data=form, allow_redirects=False)
    raise RuntimeError(f"no code for {username}: {answer.status_code} {answer.text[:500]}")


def _wait_ready(city: City, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{city.issuer}/health/ready", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError(f"the provider did not start:\n{log.read_text(errors='replace')[-3000:]}")
