"""
The one door for outgoing HTTP against real sockets: what a hostile server or a hostile address may try.

Each hostile server runs on loopback; what may not be fetched is shown by a canary that counts its visitors.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from base.clock import as_utc
from base.http import HttpClient, OutboundRefused

Behaviour = Callable[[socket.socket], None]


class Server:
    """Accepts on loopback, reads one request, then does `behaviour`."""

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._behaviour = behaviour
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        try:
            with peer if self._context is None else self._context.wrap_socket(peer, server_side=True) as talking:
                self.requests.append(_whole_request(talking))
                self._behaviour(talking)
        except OSError:
            return

    def close(self) -> None:
        self._listener.close()


def _whole_request(talking: socket.socket) -> bytes:
    """Head and body; they may arrive one after the other."""
    received = talking.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    while length and len(body) < int(length[1]):
        more = talking.recv(65536)
        if not more:
            break
        received, body = received + more, body + more
    return received


@contextmanager
def serving(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(behaviour, context)
    yield server
    server.close()


def answer(body: bytes, head: str = "HTTP/1.1 200 OK\r\nContent-Type: application/json") -> Behaviour:
    return lambda peer: peer.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def drip(start: bytes, piece: bytes) -> Behaviour:
    def behave(peer: socket.socket) -> None:
        peer.sendall(start)
        for _ in range(200):
            time.sleep(0.05)
            peer.sendall(piece)

    return behave


PATIENCE_SECONDS = 4
"""Eight times the deadline of these clients, for a busy machine; the slow servers are slow for longer."""
OPEN = HttpClient(timeout_seconds=2, allow_private=True)


def refusal(client: HttpClient, url: str) -> str:
    with pytest.raises(OutboundRefused) as caught:
        client.get(url)
    return caught.value.code


def test_get_and_post() -> None:
    with serving(answer(b'{"a":1}')) as server:
        got = OPEN.get(f"http://localhost:{server.port}/path?q=1", headers={"Accept": "application/json"})
        assert (got.status, got.content_type, got.body) == (200, "application/json", b'{"a":1}')
        OPEN.post(f"http://localhost:{server.port}/logout", {"logout_token": "x y"})
    first, second = server.requests
    assert first.startswith(b"GET /path?q=1 HTTP/1.1\r\n")
    assert f"Host: localhost:{server.port}\r\n".encode() in first
    assert b"Accept-Encoding: identity" in first
    assert second.endswith(b"logout_token=x+y")
    assert b"application/x-www-form-urlencoded" in second


def test_a_redirect_is_returned_not_followed() -> None:
    with serving(answer(b"")) as canary:
        head = f"HTTP/1.1 302 Found\r\nLocation: http://localhost:{canary.port}/"
        with serving(answer(b"", head)) as server:
            assert OPEN.get(f"http://localhost:{server.port}/").status == 302
        assert canary.requests == []


def test_an_answer_that_is_too_long() -> None:
    client = HttpClient(timeout_seconds=2, allow_private=True, max_bytes=1000)
    with serving(answer(b"a" * 1000)) as fits, serving(answer(b"a" * 1001)) as over:
        assert len(client.get(f"http://localhost:{fits.port}/").body) == 1000
        assert refusal(client, f"http://localhost:{over.port}/") == "outbound_too_long"


def test_what_a_signature_vouches_for_may_come_by_http_and_be_longer() -> None:
    client = HttpClient(timeout_seconds=2, allow_private=True, max_bytes=1000)
    with serving(answer(b"a" * 1001)) as server:
        assert len(client.get_signed(f"http://localhost:{server.port}/list.crl").body) == 1001
    shut = HttpClient(timeout_seconds=2, allow_private=False)
    for url in ("http://127.0.0.1/list.crl", "http://169.254.169.254/latest", "ldap://ca.example.vn/list"):
        with pytest.raises(OutboundRefused) as caught:
            shut.get_signed(url)
        assert caught.value.code == "outbound_refused"
    with pytest.raises(OutboundRefused) as caught:
        shut.get_signed("http://127.0.0.1/list.crl")
    assert caught.value.debug == "private"  # not because of http


@pytest.mark.parametrize(
    "behaviour",
    [
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a"),
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"a"),  # a body that ends when the connection does
        drip(b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
        drip(b"", b"H"),
        lambda peer: time.sleep(5),
    ],
    ids=["body", "endless body", "headers", "status line", "silence"],
)
def test_a_slow_server_meets_the_overall_deadline(behaviour: Behaviour) -> None:
    client = HttpClient(timeout_seconds=0.5, allow_private=True)
    with serving(behaviour) as server:
        began = time.monotonic()
        assert refusal(client, f"http://localhost:{server.port}/") in ("outbound_too_late", "outbound_failed")
        assert time.monotonic() - began < PATIENCE_SECONDS


def test_a_server_that_hangs_up() -> None:
    with serving(lambda peer: None) as server:
        assert refusal(OPEN, f"http://localhost:{server.port}/") == "outbound_failed"
    assert refusal(OPEN, f"http://localhost:{server.port}/") == "outbound_failed"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "0",
    ],
)
def test_private_addresses_in_every_spelling_reach_nobody(host: str) -> None:
    closed = HttpClient(timeout_seconds=2, allow_private=False)
    with serving(answer(b"")) as canary:
        assert refusal(closed, f"https://{host}:{canary.port}/") in ("outbound_refused", "outbound_failed")
        assert refusal(closed, f"http://{host}:{canary.port}/") == "outbound_refused"
        assert canary.requests == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1", "[::ffff:169.254.169.254]"])
def test_metadata_addresses_are_refused_even_where_private_ones_are_allowed(host: str) -> None:
    assert refusal(OPEN, f"http://{host}/latest/meta-data/") == "outbound_refused"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://localhost/",
        "http://user:pass@localhost/",
        "http://@localhost/",
        "http:///path",
        "//localhost/",
        "http://localhost:99999/",
        "http://localhost:0/",
        "http://localhost/\r\nX: 1",
        "http://local\thost/",
        "http://localhost\\@evil/",
        "http://máy/",
        "http://localhost/" + "a" * 3000,
        "",
    ],
)
def test_odd_addresses_are_refused(url: str) -> None:
    assert refusal(OPEN, url) == "outbound_refused"


def test_a_name_without_an_address() -> None:
    assert refusal(OPEN, "http://no-such-host.invalid/") == "outbound_failed"


@pytest.mark.parametrize("answers", [["203.0.113.1", "127.0.0.1"], ["1.1.1.1", "169.254.169.254"], ["1.1.1.1", "::1"]])
def test_one_bad_address_among_good_ones_refuses_the_name(answers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(0, 0, 0, "", (ip, 443)) for ip in answers]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert refusal(HttpClient(timeout_seconds=1, allow_private=False), "https://rebind.example/") == "outbound_refused"


def test_the_judged_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers differently the second time (DNS rebinding) is not asked a second time."""
    real, asked = socket.getaddrinfo, []

    def resolve(host: str, *rest: object, **more: object) -> object:
        asked.append(host)
        return real("127.0.0.1" if host == "rebind.example" else host, *rest, **more)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with serving(answer(b"ok")) as server:
        assert OPEN.get(f"http://rebind.example:{server.port}/").body == b"ok"
    assert asked.count("rebind.example") == 1
    assert f"Host: rebind.example:{server.port}".encode() in server.requests[0]


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, str]:
    """A self-signed server certificate for `name`: the server's context and the path of the PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), as_utc(int(time.time()))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.replace(year=now.year - 1, day=1))
        .not_valid_after(now.replace(year=now.year + 1, day=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, str(pem)


def test_the_certificate_is_checked_against_the_name(tmp_path: Path) -> None:
    context, pem = certificate(tmp_path, "localhost")
    wrong, wrong_pem = certificate(tmp_path, "other.example")
    trusting = HttpClient(timeout_seconds=2, allow_private=True, ca_file=pem)
    with serving(answer(b"ok"), context) as good, serving(answer(b"ok"), wrong) as bad:
        assert trusting.get(f"https://localhost:{good.port}/").body == b"ok"
        assert refusal(OPEN, f"https://localhost:{good.port}/") == "outbound_failed"
        assert refusal(trusting, f"https://localhost:{bad.port}/") == "outbound_failed"
        other = HttpClient(timeout_seconds=2, allow_private=True, ca_file=wrong_pem)
        assert refusal(other, f"https://localhost:{bad.port}/") == "outbound_failed"
        assert b"".join(bad.requests) == b""  # connected, and left before saying anything


def test_a_slow_handshake_meets_the_deadline() -> None:
    client = HttpClient(timeout_seconds=0.5, allow_private=True)
    with serving(drip(b"", b"\x16")) as server:
        began = time.monotonic()
        refusal(client, f"https://localhost:{server.port}/")
        assert time.monotonic() - began < PATIENCE_SECONDS
