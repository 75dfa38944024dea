"""
The life of certificates, each step judged by OpenSSL and, where it is installed, by GnuTLS' certtool.

A ceremony, an official's certificate and an agency's seal from it, a signed PDF, suspension, revocation; then the same
authorities under ML-DSA, which OpenSSL knows from 3.5 on: an older one is said so, and `cryptography` judges instead.
Last pkilint over many certificates of every profile (ANTIN_TEST_ROUNDS, 1,000 unless set).
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

import wsgi
from keys.api import TokenType
from keys.ca.order import Profile
from keys.handles import KeyHandle
from signing.flows.sign import SigningOrder, sign_document
from tests.city import City
from tests.desk_papers import decision
from tests.foreign_lints import findings
from tests.interop.base import Counterpart, say
from tests.many_certificates import authority, certificates

AGENCY = ("--organisation", "Ủy ban nhân dân phường Bến Nghé")
COUNT = int(os.environ.get("ANTIN_TEST_ROUNDS", "1000"))


def run(city: City) -> bool:
    """Every algorithm, also after one has failed."""
    passed = [_life(city, "es384", "ES384"), _life(city, "mldsa", "ML-DSA-65"), _many()]
    return all(passed)


def _life(city: City, suffix: str, algorithm: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="antin-pki-") as name:
        folder, steps = Path(name), Steps(algorithm)
        ca = f"issuing-{suffix}"
        city.antin(
            "ca", "ceremony", "--root", f"root-{suffix}", "--issuing", ca, "--alg", algorithm, "--witness", "A B"
        )
        judge = Judge(city, folder, suffix, by_openssl=algorithm != "ML-DSA-65" or _openssl_knows_ml_dsa())
        person = _issue(city, folder / "person.pem", ca, "person", "u-1", "--name", "Nguyễn Thị Ánh")
        seal = _issue(city, folder / "seal.pem", ca, "legal-person", "o-1", "--identifier", "GO:VN-H29.1")
        steps.check("issued: the official's certificate", judge.stands("person.pem"))
        steps.check("issued: the agency's seal", judge.stands("seal.pem"))
        steps.check("used: a signed PDF", _signed(city, folder, person, "u-1", judge))
        city.antin("certificate", "suspend", seal)
        steps.check("suspended: no longer stands", not judge.stands("seal.pem"))
        steps.check("suspended: the responder says so", judge.status("seal.pem") == "revoked")
        city.antin("certificate", "resume", seal)
        steps.check("resumed: stands again", judge.stands("seal.pem") and judge.status("seal.pem") == "good")
        city.antin("certificate", "revoke", person, "--reason", "keyCompromise")
        steps.check("revoked: no longer stands", not judge.stands("person.pem"))
        steps.check("revoked: the responder says so", judge.status("person.pem") == "revoked")
        return steps.passed


class Steps:
    """The report, and whether all went well."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm, self.passed = algorithm, True

    def check(self, what: str, good: bool) -> None:
        self.passed &= good
        say(f"{'ok  ' if good else 'FAIL'} {self.algorithm}: {what}")


class Judge:
    """Others' opinion of a certificate, with what our public addresses give out now."""

    def __init__(self, city: City, folder: Path, suffix: str, *, by_openssl: bool) -> None:
        self._city, self._folder, self._suffix, self.by_openssl = city, folder, suffix, by_openssl
        self.root, self.issuing = (self._get(f"/pki/ca/{one}-{suffix}.cer") for one in ("root", "issuing"))
        for name, der in (("root.pem", self.root), ("issuing.pem", self.issuing)):
            (folder / name).write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))

    def stands(self, name: str) -> bool:
        """Whether certificate and path hold and no list names it."""
        lists = [x509.load_der_x509_crl(self._get(f"/pki/crl/{one}-{self._suffix}.crl")) for one in ("root", "issuing")]
        (self._folder / "lists.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in lists))
        if not self.by_openssl:
            return self._stands_for_cryptography(name, lists)
        found = self.openssl("verify", "-x509_strict", "-crl_check_all", "-CRLfile", "lists.pem", "-CAfile", "root.pem",
                             "-untrusted", "issuing.pem", name)  # fmt: skip
        chain = "".join((self._folder / one).read_text() for one in (name, "issuing.pem"))
        if found and shutil.which("certtool"):
            return _runs(self._folder, "certtool", "--verify", "--load-ca-certificate", "root.pem", given=chain)
        return found

    def status(self, name: str) -> str:
        """good, revoked or unknown, by the responder; "" when its answer is not accepted."""
        if not self.by_openssl:
            return self._status_for_cryptography(name)
        words = ["openssl", "ocsp", "-issuer", "issuing.pem", "-cert", name, "-CAfile", "root.pem",
                 "-verify_other", "issuing.pem", "-url", f"{self._city.issuer}/pki/ocsp"]  # fmt: skip
        done = subprocess.run(words, cwd=self._folder, capture_output=True, text=True, check=False)
        found = re.search(rf"{re.escape(name)}: (\w+)", done.stdout)
        return found[1] if found and "Response verify OK" in done.stderr else ""

    def openssl(self, *words: str) -> bool:
        return _runs(self._folder, "openssl", *words)

    def _stands_for_cryptography(self, name: str, lists: list[x509.CertificateRevocationList]) -> bool:
        certificate = x509.load_pem_x509_certificate((self._folder / name).read_bytes())
        root, issuing = (x509.load_der_x509_certificate(one) for one in (self.root, self.issuing))
        certificate.verify_directly_issued_by(issuing)
        issuing.verify_directly_issued_by(root)
        for one, above in zip(lists, (root, issuing), strict=True):
            if not one.is_signature_valid(above.public_key()):  # type: ignore[arg-type]  # an authority's key signs
                return False
        return lists[1].get_revoked_certificate_by_serial_number(certificate.serial_number) is None

    def _status_for_cryptography(self, name: str) -> str:
        certificate = x509.load_pem_x509_certificate((self._folder / name).read_bytes())
        issuing = x509.load_der_x509_certificate(self.issuing)
        asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuing, SHA256()).build()
        body = asked.public_bytes(Encoding.DER)
        headers = {"Content-Type": "application/ocsp-request"}
        request = urllib.request.Request(f"{self._city.issuer}/pki/ocsp", body, headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            answer = ocsp.load_der_ocsp_response(reply.read())
        (responder,) = answer.certificates
        responder.verify_directly_issued_by(issuing)
        return answer.certificate_status.name.lower()

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self._city.issuer + path, timeout=30) as reply:
            return bytes(reply.read())


def _issue(city: City, to: Path, ca: str, profile: str, owner: str, *more: str) -> str:
    """The handle of the key; the certificate is written."""
    done = city.antin("certificate", "issue", "--profile", profile, "--owner", owner, "--ca", ca, *AGENCY, *more)
    to.write_text(done.stdout)
    return done.stderr.strip().splitlines()[-1]


def _signed(city: City, folder: Path, handle: str, owner: str, judge: Judge) -> bool:
    """
    A PDF signed with that key, its CMS taken out and verified by OpenSSL. The approval, which a browser would fetch, is
    made here as the provider makes it. Under an authority that this OpenSSL does not know it leaves out the path.
    """
    services, document = wsgi.open_services(wsgi.load_settings(city.environ)), decision()
    digest = hashlib.sha256(document).hexdigest()
    token = services.keys.sign_jwt(_approval(city.issuer, owner, handle, digest), typ=TokenType.ACCESS)
    signed = sign_document(services.signing, SigningOrder(document, digest, KeyHandle(handle), token, "Ánh")).content
    services.base.db.close()
    numbers = re.findall(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)", signed)[-1]
    begin, length, again, rest = (int(one) for one in numbers)
    (folder / "data.bin").write_bytes(signed[begin : begin + length] + signed[again : again + rest])
    cms = bytes.fromhex(signed[begin + length + 1 : again - 1].decode())
    (folder / "signature.der").write_bytes(cms)
    return judge.openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", "signature.der", "-content", "data.bin",
                         "-CAfile", "root.pem", "-certfile", "issuing.pem", "-purpose", "any", "-out", os.devnull,
                         *(() if judge.by_openssl else ("-noverify",)))  # fmt: skip


def _approval(issuer: str, owner: str, handle: str, digest: str) -> dict[str, Any]:
    now = int(time.time())
    listed = [{"hash": base64.b64encode(bytes.fromhex(digest)).decode(), "label": "văn bản", "hashType": "SDR"}]
    detail = {
        "type": "https://cloudsignatureconsortium.org/2025/credential",
        "credentialID": handle,
        "numSignatures": 1,
        "documentDigests": listed,
        "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
    }
    return {
        "iss": issuer,
        "sub": owner,
        "aud": f"{issuer}/desk",
        "client_id": "signing-desk",
        "jti": f"interop-{handle}",
        "iat": now,
        "exp": now + 300,
        "acr": "urn:vn:xt:2",
        "auth_time": now - 30,
        "otp_time": now - 10,
        "authorization_details": [detail],
    }


def _many() -> bool:
    above, good = authority(), True
    for profile in Profile:
        found, read = findings(profile, certificates(profile, COUNT, above))
        say(f"{'ok  ' if not found else 'FAIL'} pkilint: {profile}, {read} certificates, {sum(found.values())} errors")
        good &= not found
    return good


def _openssl_knows_ml_dsa() -> bool:
    done = subprocess.run(["openssl", "list", "-signature-algorithms"], capture_output=True, text=True, check=False)
    known = "ML-DSA" in done.stdout
    if not known:
        say("this OpenSSL does not know ML-DSA: cryptography judges instead")
    return known


def _runs(folder: Path, *words: str, given: str = "") -> bool:
    done = subprocess.run(words, cwd=folder, input=given, capture_output=True, text=True, check=False)
    return done.returncode == 0


def missing() -> str:
    return "" if shutil.which("openssl") else "openssl is not installed"


COUNTERPART = Counterpart("pki", missing, run)
