"""`antin ca …` and `antin certificate …` as an operator types them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import click
import orjson
import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from keys import ca_cli, certificate_cli
from keys.api import Keys
from keys.errors import KeyRefused

AGENCY = ("--organisation", "Sở Tư pháp", "--identifier", "GO:VN-H29.1")


class Operator:
    def __init__(self, held: Keys) -> None:
        self.group = click.Group()
        ca_cli.register(self.group, lambda: held)
        certificate_cli.register(self.group, lambda: held)

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(self.group, words, catch_exceptions=False)


@pytest.fixture
def operator(held: Keys) -> Operator:
    return Operator(held)


def test_a_ceremony_by_options_is_listed_and_its_minutes_are_kept(operator: Operator) -> None:
    held_now = operator(
        "ca", "ceremony", "--root", "root-2", "--issuing", "issuing-2", "--witness", "A", "--place", "B"
    )
    assert held_now.exit_code == 0
    listed = {one["name"]: one for one in json.loads(operator("ca", "list", "--json").stdout)}
    assert set(listed) == {"root", "issuing", "root-2", "issuing-2"}
    assert listed["root-2"]["offline"] is True
    assert listed["root-2"]["algorithm"] == "ES384"
    assert (listed["issuing-2"]["above"], listed["issuing-2"]["offline"]) == ("root-2", False)
    minutes = operator("ca", "minutes", "issuing-2").stdout
    assert hashlib.sha256(minutes.rstrip("\n").encode()).hexdigest() in held_now.stderr
    assert json.loads(minutes)["witnesses"] == ["A"]
    assert "root-2" in operator("ca", "list").stdout
    assert operator("ca", "crl", "root-2").exit_code == 0


def test_a_ceremony_by_script(operator: Operator, tmp_path: Path) -> None:
    script = {
        "root": {"name": "root-pq", "algorithm": "ML-DSA-65", "years": 20},
        "issuing": [{"name": one, "algorithm": "ML-DSA-65", "years": 10} for one in ("people", "seals")],
        "witnesses": ["A", "B"],
    }
    (tmp_path / "script.json").write_bytes(orjson.dumps(script))
    assert operator("ca", "ceremony", "--script", str(tmp_path / "script.json")).exit_code == 0
    names = [one["name"] for one in json.loads(operator("ca", "list", "--json").stdout)]
    assert {"root-pq", "people", "seals"} <= set(names)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"root": 1}',
        b'{"root": {"name": "x"}}',
        b'{"issuing": [{"name": "ab", "algorithm": "RSA", "years": 1}]}',
    ],
)
def test_scripts_that_cannot_be_read(operator: Operator, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "script.json").write_bytes(content)
    with pytest.raises(KeyRefused, match="ceremony_refused"):
        operator("ca", "ceremony", "--script", str(tmp_path / "script.json"))


def test_a_seal_from_issue_to_renewal(operator: Operator) -> None:
    issued = operator("certificate", "issue", "--profile", "legal-person", "--owner", "org-1", *AGENCY)
    certificate, handle = x509.load_pem_x509_certificate(issued.stdout.encode()), issued.stderr.strip()
    renewed = x509.load_pem_x509_certificate(operator("certificate", "renew", handle).stdout.encode())
    assert renewed.public_key() == certificate.public_key()
    assert operator("certificate", "rekey", handle).stderr.strip() != handle
    assert handle in operator("certificate", "list").stdout
    assert operator("certificate", "list", "--expiring", "30").stdout == ""
    listed = json.loads(operator("certificate", "list", "--json").stdout)
    assert [one["profile"] for one in listed].count("legal-person") == 2


def test_a_request_from_outside(operator: Operator, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    (tmp_path / "tram.csr").write_bytes(request.public_bytes(Encoding.PEM))
    words = ("certificate", "issue", "--profile", "tls-client", "--owner", "org-1", "--name", "tram-1", *AGENCY)
    issued = operator(*words, "--request", str(tmp_path / "tram.csr"))
    assert x509.load_pem_x509_certificate(issued.stdout.encode()).public_key() == key.public_key()


def test_a_request_goes_out_and_what_does_not_fit_is_not_taken_in(
    operator: Operator, held: Keys, tmp_path: Path
) -> None:
    asked = operator("certificate", "request", "--profile", "person", "--owner", "u-1", "--name", "Lê Na", *AGENCY[:2])
    handle = asked.stderr.strip()
    assert x509.load_pem_x509_csr(asked.stdout.encode()).is_signature_valid
    (tmp_path / "junk.pem").write_bytes(b"-----BEGIN CERTIFICATE-----")
    anchor = tmp_path / "anchor.der"
    anchor.write_bytes(held.trust_anchors()[0])
    for leaf in ("junk.pem", "anchor.der"):
        with pytest.raises(KeyRefused, match="import_refused"):
            operator("certificate", "import", handle, "--certificate", str(tmp_path / leaf), "--anchor", str(anchor))
    assert held.credentials_of("u-1") == []
