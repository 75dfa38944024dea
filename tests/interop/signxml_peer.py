"""PyPI's signxml in a process of its own, with the key and the certificates of the tests (signxml-peer/peer.py)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from base.clock import as_utc
from tests.interop.base import HERE, python_of
from tests.signing_pki import NOW, City


@dataclass(frozen=True, slots=True)
class SignXml:
    """Use `signxml_in()`, which also stops it."""

    process: subprocess.Popen[str]
    folder: Path

    def sign(self, document: bytes, seconds: float) -> tuple[float, bytes]:
        """Operations a second of processor time, and what came out."""
        rate = float(self._asked("sign", self._written(document), str(seconds), str(self.folder / "out")))
        return rate, (self.folder / "out").read_bytes()

    def verify(self, document: bytes, seconds: float) -> float:
        """The same for verifying what it made."""
        return float(self._asked("verify", self._written(document), str(seconds)))

    def accepts(self, document: bytes) -> bool:
        """Whether it says yes to a signature of ours."""
        return self._asked("accepts", self._written(document)) == "yes"

    def _written(self, document: bytes) -> str:
        path = self.folder / "document.xml"
        path.write_bytes(document)
        return str(path)

    def _asked(self, *fields: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\t".join(fields) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")


@contextmanager
def signxml_in(folder: Path, city: City) -> Iterator[SignXml]:
    """It signs as the official of a city and trusts its root; `folder` is its own."""
    key = city.official.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kept = {"key": key, "signer": city.official.pem, "chain": city.issuing.pem, "root": city.root.pem}
    for name, pem in kept.items():
        (folder / f"{name}.pem").write_bytes(pem)
    (folder / "at").write_text(as_utc(NOW).isoformat(), "ascii")
    process = subprocess.Popen(
        [str(python_of("signxml-peer")), str(HERE / "signxml-peer" / "peer.py"), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield SignXml(process, folder)
    finally:
        process.kill()
        process.wait()
