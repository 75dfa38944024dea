"""The web addresses and the commands of keys."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import click
import flask
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import keys.cli
import keys.store.sealed
import keys.web
from base.clock import FixedClock
from base.services import BaseServices
from base.web.shell import make_app
from keys.api import Keys, PersonSubject
from keys.tsa.response import TimeStampResponse

QUERY = "application/timestamp-query"


@pytest.fixture
def app(services: BaseServices, held: Keys) -> flask.Flask:
    app = make_app(services, name="Ấn Tín", roads=(), cookie_key=held.derive_cookie_key())
    keys.web.mount(app, held)
    return app


@pytest.mark.parametrize("role", ["root", "issuing"])
def test_certificates_and_lists(app: flask.Flask, held: Keys, role: str) -> None:
    client = app.test_client()
    certificate = client.get(f"/pki/{role}.crt")
    assert certificate.content_type == "application/pkix-cert"
    assert certificate.headers["Cache-Control"].startswith("public")
    revoked = client.get(f"/pki/{role}.crl")
    assert revoked.content_type == "application/pkix-crl"
    authority = x509.load_der_x509_certificate(certificate.data)
    crl = x509.load_der_x509_crl(revoked.data)
    assert crl.is_signature_valid(authority.public_key())  # type: ignore[arg-type]  # an authority's key is on P-256


@pytest.mark.parametrize(
    "path", ["/pki/tsu.crt", "/pki/root.key", "/pki/../keys/master.key", "/pki/root.crt/x", "/pki/"]
)
def test_nothing_else_is_there(app: flask.Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


def test_addresses_in_certificates_are_served(app: flask.Flask, held: Keys) -> None:
    owned = held.enrol_person(PersonSubject("owner-1", "Vũ Thị Giang", "UBND phường", ""))
    client = app.test_client()
    for der in (owned.certificate, held.issuer_certificates()[0]):
        extensions = x509.load_der_x509_certificate(der).extensions
        point = extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
        place = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value[0]
        for url in (point.full_name[0].value, place.access_location.value):
            assert client.get(url.removeprefix("http://localhost:8000")).status_code == 200


def test_tsa_over_http(app: flask.Flask, held: Keys, tmp_path: Path, clock: FixedClock) -> None:
    root = x509.load_der_x509_certificate(held.trust_anchors()[0])
    (tmp_path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (tmp_path / "data").write_bytes(b"data")

    def openssl(*words: str) -> str:
        done = subprocess.run(["openssl", "ts", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    openssl("-query", "-data", "data", "-sha256", "-cert", "-out", "q")
    answer = app.test_client().post("/tsa", data=(tmp_path / "q").read_bytes(), content_type=QUERY)
    assert answer.status_code == 200
    assert answer.content_type == "application/timestamp-reply"
    (tmp_path / "r").write_bytes(answer.data)
    at = ("-attime", str(clock.now()))
    assert "Verification: OK" in openssl("-verify", "-in", "r", "-queryfile", "q", "-CAfile", "root.pem", *at)


def test_tsa_refuses_within_the_protocol(app: flask.Flask) -> None:
    answer = app.test_client().post("/tsa", data=b"nonsense", content_type=QUERY)
    assert answer.status_code == 200
    assert TimeStampResponse.load(answer.data)["status"]["status"].native == "rejection"


def test_tsa_limits(app: flask.Flask) -> None:
    client = app.test_client()
    assert client.post("/tsa", data=b"x").status_code == 415
    assert client.post("/tsa", data=b"x" * 4097, content_type=QUERY).status_code == 413
    assert client.get("/tsa").status_code == 405


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def group(held: Keys) -> click.Group:
    group = click.Group("antin")
    keys.cli.register(group, lambda: held, lambda: keys.store.sealed.SEALED)
    return group


def run(group: click.Group, *words: str) -> str:
    result = CliRunner().invoke(group, ["key", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_key_list(group: click.Group) -> None:
    lines = run(group, "list").splitlines()
    assert len(lines) == 14
    assert all(line.startswith("key_") and "software" in line for line in lines)
    rows = json.loads(run(group, "list", "--json"))
    assert {row["purpose"] for row in rows} == {"token", "encryption", "root", "issuing", "tsu", "ocsp"}
    assert all("stored" not in row for row in rows)


def test_key_rotate(group: click.Group, held: Keys) -> None:
    handle = run(group, "rotate", "--alg", "RS256", "--force").strip()
    assert [one.state for one in held.list_keys() if one.handle == handle] == ["active"]
    refused = CliRunner().invoke(group, ["key", "rotate", "--alg", "RS256"])
    assert refused.exit_code != 0


def test_key_revoke(group: click.Group, held: Keys) -> None:
    owned = held.enrol_person(PersonSubject("owner-1", "Vũ Thị Giang", "UBND phường", ""))
    run(group, "revoke", owned.handle, "--reason", "superseded")
    assert held.credential(owned.handle).status == "revoked"


def test_certificate_suspended_resumed_revoked(group: click.Group, held: Keys) -> None:
    owned = held.enrol_person(PersonSubject("owner-1", "Vũ Thị Giang", "UBND phường", ""))
    serial = format(x509.load_der_x509_certificate(owned.certificate).serial_number, "x")
    for words, status in (
        (("suspend", serial), "suspended"),
        (("resume", owned.handle), "active"),
        (("revoke", serial, "--reason", "cessationOfOperation"), "revoked"),
    ):
        result = CliRunner().invoke(group, ["certificate", *words], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        assert held.credential(owned.handle).status == status
    refused = CliRunner().invoke(group, ["certificate", "revoke", serial, "--reason", "certificateHold"])
    assert refused.exit_code == 2  # a hold is no reason to revoke
