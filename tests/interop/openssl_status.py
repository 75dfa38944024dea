"""OpenSSL as the one who asks: status by OCSP and by lists, time stamps; all over HTTP, from a running city."""

from __future__ import annotations

import subprocess
import tempfile
import urllib.request
from pathlib import Path

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from tests.city import City
from tests.interop.base import Counterpart, say

QUERY = {"Content-Type": "application/timestamp-query"}


def missing() -> str:
    try:
        subprocess.run(["openssl", "version"], check=True, capture_output=True)
    except OSError:
        return "OpenSSL is not installed"
    return ""


def run(city: City) -> bool:
    """The time-stamping unit's own certificate: good, suspended, good again, each told by responder and list."""
    with tempfile.TemporaryDirectory(prefix="antin-openssl-") as folder:
        desk = _Desk(Path(folder), city)
        serial = desk.stamp()
        passed = [desk.told("good", "unit.pem: OK")]
        city.change("certificate", "suspend", serial)
        passed.append(desk.told("certificateHold", "certificate revoked"))
        city.change("certificate", "resume", serial)
        passed.append(desk.told("good", "unit.pem: OK"))
        passed.append(desk.unknown())
    return all(passed)


class _Desk:
    """A folder with what was fetched; addresses come from the certificates themselves."""

    def __init__(self, folder: Path, city: City) -> None:
        self._folder = folder
        self._city = city
        for name in ("root", "issuing"):
            der = self._get(f"{city.issuer}/pki/ca/{name}.cer")
            self._write(f"{name}.pem", x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))

    def stamp(self) -> str:
        """Have something stamped and believe it; returns the unit's serial number."""
        self._write("data", b"data")
        self._openssl("ts", "-query", "-data", "data", "-sha512", "-cert", "-out", "q")
        request = urllib.request.Request(f"{self._city.issuer}/pki/tsa", (self._folder / "q").read_bytes(), QUERY)
        with urllib.request.urlopen(request, timeout=30) as answer:  # the city's own address
            reply = answer.read()
        self._write("r", reply)
        verified = self._openssl("ts", "-verify", "-in", "r", "-queryfile", "q", "-CAfile", "root.pem")
        if "Verification: OK" not in verified:
            raise RuntimeError(f"the stamp is not believed: {verified}")
        parsed = tsp.TimeStampResp.load(reply)["time_stamp_token"]["content"]["certificates"]
        all_of_them = [x509.load_der_x509_certificate(one.chosen.dump()) for one in parsed]
        unit = next(one for one in all_of_them if "TSU" in one.subject.rfc4514_string())
        self._write("unit.pem", unit.public_bytes(Encoding.PEM))
        places = unit.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        found = [one for one in places if one.access_method == AuthorityInformationAccessOID.OCSP]
        self._responder = str(found[0].access_location.value)
        return format(unit.serial_number, "x")

    def told(self, status: str, verdict: str) -> bool:
        """What the responder says, with a nonce, and what the lists say."""
        asked = ("ocsp", "-issuer", "issuing.pem", "-cert", "unit.pem", "-CAfile", "root.pem", "-nonce")
        said = self._openssl(*asked, "-verify_other", "issuing.pem", "-url", self._responder)
        lists = b""
        for name in ("root", "issuing"):
            crl = x509.load_der_x509_crl(self._get(f"{self._city.issuer}/pki/crl/{name}.crl"))
            lists += crl.public_bytes(Encoding.PEM)
        self._write("lists.pem", lists)
        checked = ("verify", "-CAfile", "root.pem", "-untrusted", "issuing.pem", "-CRLfile", "lists.pem")
        listed = self._openssl(*checked, "-crl_check_all", "unit.pem")
        fine = "Response verify OK" in said and status in said and verdict in listed
        say(f"  {'✓' if fine else '✗'} {status}" + ("" if fine else f"\n{said}\n{listed}"))
        return fine

    def unknown(self) -> bool:
        """A serial number that nobody issued is never good."""
        asked = ("ocsp", "-issuer", "issuing.pem", "-serial", "0x5555555555555555", "-CAfile", "root.pem")
        said = self._openssl(*asked, "-verify_other", "issuing.pem", "-url", self._responder)
        fine = "0x5555555555555555: unknown" in said
        say(f"  {'✓' if fine else '✗'} unknown" + ("" if fine else f"\n{said}"))
        return fine

    def _get(self, url: str) -> bytes:
        with urllib.request.urlopen(url, timeout=30) as answer:  # the city's own address
            return bytes(answer.read())

    def _write(self, name: str, data: bytes) -> None:
        (self._folder / name).write_bytes(data)

    def _openssl(self, *words: str) -> str:
        done = subprocess.run(["openssl", *words], cwd=self._folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr


COUNTERPART = Counterpart("openssl-status", missing, run)
