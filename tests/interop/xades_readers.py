"""
Readers of XML signatures that are not ours and know nothing of levels: xmlsec1, signxml, xadesjs and xml-crypto.

xmlsec1, xml-crypto and signxml trust the certificates they are given; xadesjs takes the one in the file, so it only
says whether value and references hold. signxml reads no document with names beyond ASCII.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from base.clock import as_utc
from tests.interop.base import npm_folder, without_npm
from tests.interop.signxml_peer import SignXml, signxml_in
from tests.signing_pki import shared_city
from tests.xml_forging import NAMES

_IDS = (
    "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
    "DLHDon",
    *(f"{NAMES['d']}:{name}" for name in ("Object", "SignatureValue", "Signature")),
)


def without_readers() -> str:
    """Why they cannot be asked here; "" when they can."""
    return without_npm() or ("" if shutil.which("xmlsec1") else "not installed: xmlsec1")


@dataclass(frozen=True, slots=True)
class Readers:
    """Use `readers_in()`, which also stops them. at: epoch seconds."""

    folder: Path
    at: int
    node: subprocess.Popen[str]
    signxml: SignXml

    def accepts(self, name: str, document: bytes, content: bytes | None) -> bool:
        """Whether a reader says yes to every signature of a file (those on Node.js: to the first)."""
        (self.folder / "s.xml").write_bytes(document)
        (self.folder / "detached").write_bytes(content or b"")
        if name == "signxml":
            return self.signxml.accepts(document)
        return self._xmlsec(document) if name == "xmlsec1" else self._on_node(name, document)

    def _xmlsec(self, document: bytes) -> bool:
        words = ["xmlsec1", "--verify", "--trusted-pem", "root.pem", "--untrusted-pem", "issuing.pem"]
        words += ["--verification-time", f"{as_utc(self.at):%Y-%m-%d %H:%M:%S}"]
        for name in _IDS:
            words += ["--id-attr:Id", name]
        signatures = etree.fromstring(document).xpath("//d:Signature/@Id", namespaces=NAMES)
        return bool(signatures) and all(
            subprocess.run(
                [*words, "--node-id", name, "s.xml"], cwd=self.folder, capture_output=True, check=False
            ).returncode
            == 0
            for name in signatures
        )

    def _on_node(self, name: str, document: bytes) -> bool:
        assert self.node.stdin is not None
        assert self.node.stdout is not None
        (first, *_) = etree.fromstring(document).xpath("//d:X509Certificate/text()", namespaces=NAMES)
        pem = f"-----BEGIN CERTIFICATE-----\n{first}\n-----END CERTIFICATE-----\n".encode()
        pem = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.PEM)
        (self.folder / "signer.pem").write_bytes(pem)
        self.node.stdin.write(f"{name}\t{self.folder / 's.xml'}\t{self.folder / 'signer.pem'}\n")
        self.node.stdin.flush()
        return self.node.stdout.readline().startswith("yes")


@contextmanager
def readers_in(folder: Path, at: int) -> Iterator[Readers]:
    """Readers that work in a folder of theirs, as of a time."""
    for name, holder in (("root", shared_city().root), ("issuing", shared_city().issuing)):
        (folder / f"{name}.pem").write_bytes(holder.pem)
    place = npm_folder("xml-signatures")
    node = subprocess.Popen(
        ["node", "verify.mjs"], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        with signxml_in(folder, shared_city()) as signxml:
            yield Readers(folder, at, node, signxml)
    finally:
        node.kill()
        node.wait()
