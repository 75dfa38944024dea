"""A relying party's own web server, for what we fetch from it: real sockets on loopback, every visit counted."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Host:
    """
    paths: what it answers, JSON or bytes as they are, a function of the body for POST.
    redirects: path → Location; visits: the paths asked for;
    connections: how many were made, with or without a request.
    """

    address: str = ""
    paths: dict[str, Any] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    visits: list[str] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str) -> str:
        return self.address + path

    def serve(self, path: str, content: Any) -> str:
        """Answer this from now on. Returns its address."""
        self.paths[path] = content
        return self.url(path)


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.visits.append(self.path)
            content = host.paths.get(self.path)
            if self.path in host.redirects:
                self.send_response(302)
                self.send_header("Location", host.redirects[self.path])
                body = b""
            else:
                self.send_response(404 if content is None else 200)
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            host.visits.append(self.path)
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            answer = host.paths.get(self.path)
            body = answer(asked) if callable(answer) else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def hosting() -> Iterator[Host]:
    """A server that runs until the end of the block."""
    host = Host()

    class Counting(ThreadingHTTPServer):
        def verify_request(self, request: Any, client_address: Any) -> bool:
            host.connections += 1
            return True

    server = Counting(("127.0.0.1", 0), _handler(host))
    server.daemon_threads = True
    host.address = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield host
    server.shutdown()
    server.server_close()
    thread.join()
