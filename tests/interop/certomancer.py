"""
PyPI's certomancer as a foreign PKI: its certificates, revocation lists and time stamps before our own readers.

1. A person of that authority signs a PDF. Its time-stamping unit names its certificate by SHA-1 alone (RFC 3161 before
   RFC 5816), so our client does not take its time stamp, and says why.
2. The document is valid for whoever trusts that root; the lists are fetched from where the certificates say.
3. A person whose certificate that authority has revoked is told apart, and so is a root that nobody trusts.
4. When its server is away, nothing is valid any more for want of lists.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from base.clock import SystemClock
from base.http import HttpClient
from keys.tsa.foreign import TokenRefused, read_reply, write_request
from keys.tsa.request import ImprintOrder
from signing.flows.verify import verify_document
from signing.formats import FORMATS
from signing.formats.base import Level, PrepareRequest
from signing.validation.indications import Indication, SubIndication
from signing.validation.report import Report
from tests import signing_pdfs
from tests.city import City, spare_ports
from tests.interop.base import Counterpart, python_of, say

NAMES = ("root", "issuing", "stamps", "binh", "chi")
QUERY = {"Content-Type": "application/timestamp-query"}
PADES = FORMATS[0]


def run(_city: City) -> bool:
    """All of it, also after something failed. The city is not asked: what reads is the same code, here in process."""
    say("certomancer, a foreign PKI")
    with tempfile.TemporaryDirectory(prefix="antin-certomancer-") as folder:
        province = _found(Path(folder))
        with province.open():
            good, revoked = (province.signed(name) for name in ("binh", "chi"))
            checks = [
                province.stamp_is_refused(),
                _told("its person, its lists", province.judged(good), Indication.TOTAL_PASSED, None),
                _told("one it has revoked", province.judged(revoked), Indication.TOTAL_FAILED, SubIndication.REVOKED),
                _told(
                    "a root that nobody trusts",
                    province.judged(good, anchors=["stamps"]),
                    Indication.INDETERMINATE,
                    SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
                ),
            ]
        away = province.judged(good)
        checks.append(_told("its lists are away", away, Indication.INDETERMINATE, SubIndication.TRY_LATER))
    return all(checks)


@dataclass(frozen=True, slots=True)
class _Province:
    folder: Path
    port: int
    command: list[str]

    @contextmanager
    def open(self) -> Iterator[None]:
        """Its server, which signs lists and time stamps as it is asked."""
        words = [*self.command, "animate", "--port", str(self.port), "--no-web-ui"]
        process = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._await()
            yield
        finally:
            process.kill()
            process.wait()

    def signed(self, name: str) -> bytes:
        """A PDF of that person, at level B-B."""
        chain = (self.der(name), self.der("issuing"))
        request = PrepareRequest(chain[0], chain[1:], SystemClock().now(), level=Level.B_B)
        prepared = PADES.prepare(signing_pdfs.plain(), request)
        signature = self._key(name).sign(prepared.signed_attributes, ec.ECDSA(hashes.SHA256()))
        return PADES.embed(prepared, signature, None)

    def judged(self, document: bytes, anchors: list[str] | None = None) -> Report:
        """As of now, trusting that root; lists are fetched."""
        http = HttpClient(timeout_seconds=5, allow_private=True)
        trusted = [self.der(name) for name in anchors or ["root"]]
        return verify_document(document, moment=SystemClock().now(), anchors=trusted, http=http)

    def der(self, name: str) -> bytes:
        pem = (self.folder / "out" / f"{name}.cert.pem").read_bytes()
        return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    def stamp_is_refused(self) -> bool:
        """Its answer, read as one of a foreign authority."""
        order = ImprintOrder("sha256", bytes(32), 4_711, True)
        request = urllib.request.Request(self._address("tsa/stamps"), write_request(order), QUERY)
        with urllib.request.urlopen(request, timeout=30) as answer:  # on this machine
            reply = answer.read()
        try:
            read_reply(reply, order, [self.der("root")], now=SystemClock().now(), most_off_seconds=60)
        except TokenRefused as refused:
            fine = "signing_certificate_v2" in str(refused)
            say(f"  {'✓' if fine else '✗'} its time stamp is not taken: {refused}")
            return fine
        say("  ✗ its time stamp was taken")
        return False

    def _key(self, name: str) -> ec.EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key = load_pem_private_key((self.folder / "keys" / f"{name}.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    def _address(self, rest: str) -> str:
        return f"http://127.0.0.1:{self.port}/province/{rest}"

    def _await(self) -> None:
        for _ in range(300):
            try:
                urllib.request.urlopen(self._address("crls/root/latest.crl"), timeout=30).close()
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("certomancer did not start")


def _found(folder: Path) -> _Province:
    """Its keys and certificates."""
    python = python_of("certomancer")
    shutil.copy(python.parents[2] / "pki.yml", folder)
    (folder / "keys").mkdir()
    for name in NAMES:
        key = ec.generate_private_key(ec.SECP256R1())
        written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "keys" / f"{name}.pem").write_bytes(written)
    (port,) = spare_ports(1)
    prefix = f"http://127.0.0.1:{port}"
    program = str(python.parent / "certomancer")
    command = [program, "--config", "pki.yml", "--service-url-prefix", prefix]
    summon = [*command, "mass-summon", "province", "out", "--flat", "--no-pfx"]
    subprocess.run(summon, cwd=folder, check=True, capture_output=True)
    return _Province(folder, port, command)


def _told(what: str, report: Report, indication: Indication, sub_indication: SubIndication | None) -> bool:
    fine = (report.indication, report.sub_indication) == (indication, sub_indication)
    found = [(one.code, one.debug) for signature in report.signatures for one in signature.findings]
    say(f"  {'✓' if fine else '✗'} {what}" + ("" if fine else f": {report.indication} {report.sub_indication} {found}"))
    return fine


COUNTERPART = Counterpart("certomancer", lambda: "", run)
