"""
PyPI's signxml: XAdES as it makes and reads it. Asked line by line, fields divided by tabs; each is answered by one.

sign    FILE  SECONDS  OUT   → operations a second of processor time, and the last one in OUT
verify  FILE  SECONDS        → operations a second, after one that must have succeeded
accepts FILE                 → yes, or no and why

Key, certificate and root are loaded once (key.pem, signer.pem, chain.pem, root.pem; at: when, ISO 8601), as somebody
does who signs a lot.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml import CanonicalizationMethod, SignatureConstructionMethod
from signxml.xades import XAdESSignatureConfiguration, XAdESSigner, XAdESVerifier

FOLDER = Path(sys.argv[1])
KEY = load_pem_private_key((FOLDER / "key.pem").read_bytes(), None)
CHAIN = [(FOLDER / "signer.pem").read_text(), (FOLDER / "chain.pem").read_text()]
AT = datetime.fromisoformat((FOLDER / "at").read_text())
SIGNER = XAdESSigner(
    method=SignatureConstructionMethod.enveloped,
    c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    signature_algorithm="ecdsa-sha256",
)


def sign(document: bytes) -> bytes:
    return etree.tostring(SIGNER.sign(etree.fromstring(document), key=KEY, cert=CHAIN))


def verify(document: bytes, references: int) -> None:
    wanted = XAdESSignatureConfiguration(expect_references=references, verification_time=AT)
    XAdESVerifier().verify(document, ca_pem_file=str(FOLDER / "root.pem"), expect_config=wanted)


def rate(act: Callable[[], object], seconds: float) -> float:
    began, spent, done = time.process_time(), 0.0, 0
    while spent < seconds:
        act()
        done += 1
        spent = time.process_time() - began
    return done / spent


def answer(kind: str, file: str, *more: str) -> str:
    document = Path(file).read_bytes()
    if kind == "sign":
        Path(more[1]).write_bytes(sign(document))
        return str(rate(lambda: sign(document), float(more[0])))
    if kind == "verify":
        verify(document, 3)
        return str(rate(lambda: verify(document, 3), float(more[0])))
    verify(document, 2)
    return "yes"


for line in sys.stdin:
    try:
        print(answer(*line.rstrip("\n").split("\t")), flush=True)
    except Exception as error:
        print("no\t" + " ".join(f"{type(error).__name__} {error}".split()), flush=True)
