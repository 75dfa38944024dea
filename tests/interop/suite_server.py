"""What the official suite has of its own: a web server where redirects end, and HtmlUnit, obeying a configuration."""

from __future__ import annotations

import json
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.interop.base import HERE
from tests.interop.java import JavaFolder, ask

FOLDER = JavaFolder(HERE / "htmlunit")
PLACE = "/test/a/antin"
CAPTURE = """<!doctype html><title>Suite</title><body><script>
var sent = new XMLHttpRequest();
sent.open('POST', '{place}/implicit/{number}');
sent.onload = function () {{
  var mark = document.createElement('p'); mark.id = 'submission_complete'; document.body.appendChild(mark);
}};
sent.send(window.location.hash);
</script></body>"""


@dataclass
class Visit:
    """One request of a browser or of the provider."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    fragment: str = ""


@dataclass
class SuiteServer:
    """files: path → content; visits: in their order; session: what the page that asks the provider's frame needs."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    session: Mapping[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return self.address + PLACE

    def serve(self, path: str, content: bytes) -> str:
        """Answer this from now on. Returns its address."""
        self.files[PLACE + path] = content
        return self.base + path

    def at(self, path: str) -> list[Visit]:
        return [visit for visit in self.visits if visit.path == PLACE + path]

    def answer(self, visit: Visit) -> bytes:
        """The page or file for a visit, which is kept."""
        if visit.path.startswith(f"{PLACE}/implicit/"):
            self.visits[int(visit.path.rsplit("/", 1)[1])].fragment = visit.form["body"].removeprefix("#")
            return b""
        self.visits.append(visit)
        if visit.path == f"{PLACE}/callback":
            return CAPTURE.format(place=PLACE, number=len(self.visits) - 1).encode()
        return self.files.get(visit.path, b"<!doctype html><title>Suite</title>")


@contextmanager
def suite_server(port: int, certificate: Path, key: Path) -> Iterator[SuiteServer]:
    """The server, until the end of the block."""
    suite = SuiteServer(f"https://localhost:{port}")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply("")

        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

        def reply(self, body: str) -> None:
            parts = urlsplit(self.path)
            form = dict(parse_qsl(body)) | {"body": body}
            content = suite.answer(Visit(self.command, parts.path, dict(parse_qsl(parts.query)), form))
            self.send_response(200)
            kind = {".png": "image/png", ".json": "application/json", ".jwt": "application/jose"}
            self.send_header("Content-Type", kind.get(Path(parts.path).suffix, "text/html; charset=utf-8"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield suite
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class ScriptedBrowser:
    """HtmlUnit, obeying a configuration's tasks as the suite's browser does."""

    process: Any
    configuration: Mapping[str, Any]
    taken: Counter[tuple[str, int]] = field(default_factory=Counter)

    def visit(self, url: str, *, module: str, cookies: str, method: str = "GET") -> dict[str, Any]:
        """
        Go to an address in a module's name. Returns `url`, `status`, `text` of the last page; `pages` seen; `problem`
        where a task could not be done; `placeholder`: the page that was kept as a picture.

        Raises: LookupError: nothing is configured for the address, so a person would have to go there.
        """
        own = self.configuration.get("override", {}).get(module, {})
        for number, section in enumerate(own.get("browser", self.configuration["browser"])):
            if _matches(section["match"], url):
                self.taken[cookies, number] += 1  # each module has a jar of its own
                if self.taken[cookies, number] > section.get("match-limit", sys.maxsize):
                    continue
                asked = {"url": url, "method": method, "cookies": cookies, "tasks": section["tasks"]}
                told: dict[str, Any] = json.loads(ask(self.process, json.dumps(asked)))
                return told
        raise LookupError(url)


def _matches(pattern: str, url: str) -> bool:
    first, *rest = pattern.split("*")
    if not url.startswith(first):
        return False
    at = len(first)
    for part in rest:
        found = url.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not rest or rest[-1] == "" or url.endswith(rest[-1])


@contextmanager
def scripted_browser(configuration: Mapping[str, Any]) -> Iterator[ScriptedBrowser]:
    """The browser, until the end of the block."""
    FOLDER.fetch()
    FOLDER.compile(FOLDER.folder / "ScriptedBrowser.java")
    process = FOLDER.start("ScriptedBrowser")
    try:
        yield ScriptedBrowser(process, configuration)
    finally:
        process.kill()
        process.wait()
