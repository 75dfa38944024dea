"""npm's jose as a reader of JWS that stays: it knows no JAdES, so it judges the signatures themselves."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.interop.base import npm_folder
from tests.signing_pki import Holder

ALGORITHMS = frozenset(("ES256", "ES384", "ES512", "PS256", "RS256", "EdDSA"))
"""What it knows on the Node of Debian; ML-DSA wants Node 24."""


class Jose:
    """Use `jose()`, which also stops it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def verify(self, jws: bytes, signers: Sequence[tuple[Holder, str]]) -> str:
        """ "yes", or what is wrong. signers: certificate and algorithm of each signature, in the order of the file."""
        asked = {
            "jws": jws.decode("utf-8"),
            "certificates": [holder.pem.decode("ascii") for holder, _algorithm in signers],
            "algorithms": [algorithm for _holder, algorithm in signers],
            "payload": "",  # of sigD by digest: the header is all that is signed
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@contextmanager
def jose() -> Iterator[Jose]:
    """Node with the module that the lock names."""
    folder = npm_folder("jose")
    process = subprocess.Popen(
        ["node", str(folder / "judge.mjs")],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Jose(process)
    finally:
        process.kill()
        process.wait()
