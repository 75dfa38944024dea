"""
The life of certificates (tests/certificate_life.py) over HTTP with a running city, each step judged by OpenSSL and,
where they are installed, by GnuTLS' certtool and by pdfsig.

Four times: keys in software, in SoftHSM and in a key management service (in cities of their own, which know the device
from their start), and ML-DSA. That OpenSSL knows from 3.5 on; the signature values are checked by the one inside a
Node.js of npm, over bytes that we cut out ourselves. Last pkilint over many certificates of every profile
(ANTIN_TEST_ROUNDS, 1,000 unless set).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import wsgi
from keys.api import TokenType
from keys.ca.order import Profile
from keys.handles import KeyHandle
from signing.flows.self_check import judge_document
from signing.flows.sign import SigningOrder, sign_document
from tests.aws_kms import kms_server
from tests.certificate_judges import ByParts, Judge, OpenSsl, pem
from tests.certificate_life import Kind, Life, approval
from tests.city import City, running_city
from tests.desk_papers import decision
from tests.foreign_lints import findings
from tests.interop.base import Counterpart, npm_folder, say, without_npm
from tests.many_certificates import authority, certificates
from tests.softhsm import LABEL, soft_token

COUNT = int(os.environ.get("ANTIN_TEST_ROUNDS", "1000"))


def run(city: City) -> bool:
    """Every kind, also after one has failed."""
    software = [_life(city, Kind("es256", "ES256")), _life(city, Kind("rsa", "RS256")), _ml_dsa(city)]
    return all([*software, _device(), _service(), _many()])


def _life(city: City, kind: Kind, judge: Judge | None = None) -> bool:
    report = Report(f"{kind.algorithm} in {kind.backend}")
    with tempfile.TemporaryDirectory(prefix="antin-pki-") as name, _there(city) as place:
        folder = Path(name)
        life = Life(place, judge or WithCertTool(folder), kind, report)
        life.walk(decision())
        if judge is None and shutil.which("pdfsig"):
            (folder / "signed.pdf").write_bytes(life.signed["official"])
            said = subprocess.run(["pdfsig", folder / "signed.pdf"], capture_output=True, text=True, check=False).stdout
            report("used: pdfsig finds the signature whole", "Signature is Valid" in said)
    return report.passed


def _ml_dsa(city: City) -> bool:
    if why := without_npm():
        say(f"skipped ML-DSA: {why}, and no other OpenSSL from 3.5 on is at hand")
        return True
    kind = Kind("mldsa", "ML-DSA-65")
    with NodeOpenSsl() as foreign:
        say(f"ML-DSA is judged by OpenSSL {foreign.ask(version=True)}")
        passed = _life(city, kind, ByParts(foreign.check))
        report = Report("ML-DSA-65")
        issuing, root = (_get(city, f"/pki/ca/{one}-{kind.suffix}.cer") for one in ("issuing", "root"))
        report(
            "OpenSSL reads the certificates, and one issued the other", foreign.ask(certificate=issuing, issuer=root)
        )
        report("and not the other way round", not foreign.ask(certificate=root, issuer=issuing))
    return passed and report.passed


def _device() -> bool:
    """In a city of its own: a server opens its devices when it starts."""
    with tempfile.TemporaryDirectory(prefix="antin-device-") as name:
        try:
            with soft_token(Path(name) / "device") as token:
                settings = {
                    "pkcs11_module": token.module,
                    "pkcs11_token_label": LABEL,
                    "pkcs11_pin_file": str(token.pin_file),
                }
                with running_city(Path(name) / "city", **settings) as city:
                    return _life(city, Kind("device", "ES256", "pkcs11"))
        except pytest.skip.Exception as skipped:
            say(f"skipped keys in a device: {skipped}")
            return True


def _service() -> bool:
    """In a city of its own, with a key management service beside it."""
    with tempfile.TemporaryDirectory(prefix="antin-service-") as name, kms_server() as service:
        settings = {"kms_region": service.settings.kms_region, "kms_endpoint": service.address}
        with running_city(Path(name) / "city", **settings) as city:
            return _life(city, Kind("service", "ES256", "kms"))


class Report:
    """One line for each thing checked, and whether all were so."""

    def __init__(self, what: str) -> None:
        self.what, self.passed = what, True

    def __call__(self, step: str, good: Any) -> None:
        self.passed &= good is True
        say(f"  {'✓' if good is True else '✗'} {self.what}: {step}")


class WithCertTool(OpenSsl):
    """OpenSSL, and GnuTLS on whatever OpenSSL believes."""

    def stands(self, leaf: bytes, issuing: bytes, root: bytes, crls: tuple[bytes, bytes]) -> bool:
        if not super().stands(leaf, issuing, root, crls):
            return False
        words = ["certtool", "--verify", "--load-ca-certificate", "root"]
        if shutil.which(words[0]) is None:
            return True
        chain = pem(leaf) + pem(issuing)
        return subprocess.run(words, cwd=self.folder, input=chain, capture_output=True, check=False).returncode == 0


class NodeOpenSsl:
    """The OpenSSL inside Node.js 24, asked line by line."""

    def __enter__(self) -> NodeOpenSsl:
        folder = npm_folder("openssl-3.5")
        machine = "arm64" if platform.machine() in ("aarch64", "arm64") else "x64"
        node = folder / "node_modules" / f"node-linux-{machine}" / "bin" / "node"
        self._process = subprocess.Popen(
            [node, folder / "judge.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None  # it was opened with pipes
        self._process.stdin.close()
        self._process.wait(10)

    def check(self, certificate: bytes, message: bytes, signature: bytes, _algorithm: bytes) -> bool:
        return self.ask(certificate=certificate, message=message, signature=signature) is True

    def ask(self, **what: Any) -> Any:
        assert self._process.stdin is not None  # it was opened with pipes
        assert self._process.stdout is not None
        coded = {name: base64.b64encode(one).decode() if isinstance(one, bytes) else one for name, one in what.items()}
        self._process.stdin.write(json.dumps(coded) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def _there(city: City) -> Iterator[There]:
    services = wsgi.open_services(wsgi.load_settings(city.environ))
    try:
        yield There(city, services)
    finally:
        services.base.db.close()


class There:
    """
    A running city. It signs in this process, with its settings and its database: the approval, which a browser would
    fetch, is made here as the provider makes it.
    """

    def __init__(self, city: City, services: wsgi.Services) -> None:
        self._city, self._services, self._signatures = city, services, 0

    def antin(self, *words: str) -> tuple[str, str]:
        done = self._city.change(*words)
        return done.stdout, done.stderr

    def get(self, path: str) -> bytes:
        return _get(self._city, path)

    def post(self, path: str, body: bytes, media_type: str) -> bytes:
        asked = urllib.request.Request(self._city.issuer + path, body, {"Content-Type": media_type})
        with urllib.request.urlopen(asked, timeout=30) as reply:  # the city's own address
            return bytes(reply.read())

    def sign(self, handle: str, owner: str, document: bytes) -> bytes:
        self._signatures += 1
        now = int(time.time())
        claims = approval(self._city.issuer, owner, handle, document, now=now, number=self._signatures)
        token = self._services.keys.sign_jwt(claims, typ=TokenType.ACCESS)
        digest = hashlib.sha256(document).hexdigest()
        order = SigningOrder(document, digest, KeyHandle(handle), token, "Ánh")
        return sign_document(self._services.signing, order).content

    def verdict(self, document: bytes) -> str:
        return str(judge_document(self._services.signing, document).indication)

    def pause(self) -> None:
        time.sleep(2)  # what is stamped and what is revoked afterwards lie in different seconds


def _get(city: City, path: str) -> bytes:
    with urllib.request.urlopen(city.issuer + path, timeout=30) as reply:  # the city's own address
        return bytes(reply.read())


def _many() -> bool:
    above, good = authority(), True
    for profile in Profile:
        found, read = findings(profile, certificates(profile, COUNT, above))
        say(f"  {'✗' if found else '✓'} pkilint: {profile}, {read} certificates, {sum(found.values())} errors")
        good &= not found
    return good


def missing() -> str:
    return "" if shutil.which("openssl") else "openssl is not installed"


COUNTERPART = Counterpart("pki", missing, run)
