"""
A ceremony, an official's certificate and an agency's seal issued, used, suspended and revoked, each step judged by
OpenSSL; with keys in software, in a device and in a key management service, and with ML-DSA, which OpenSSL knows only
from 3.5 on: there the signature values are checked by `cryptography` over bytes that we cut out ourselves, and the PDF
by pyHanko.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from cryptography import x509

import keys.cli
import keys.web
from base.clock import FixedClock
from base.services import BaseServices
from base.web.shell import make_app
from keys.api import KeyHandle, TokenType
from keys.settings import KeysSettings
from signing.flows.self_check import judge_document
from signing.flows.sign import SigningOrder, sign_document
from signing.services import open_signing
from signing.settings import SigningSettings
from tests.aws_kms import kms_server
from tests.certificate_judges import ByParts, Judge, OpenSsl
from tests.certificate_life import Kind, Life, approval
from tests.desk_papers import decision
from tests.ready_keys import open_ready_keys
from tests.softhsm import soft_token

KINDS = (
    Kind("es256", "ES256"),
    Kind("es384", "ES384"),
    Kind("rsa", "RS256"),
    Kind("device", "ES256", "pkcs11"),
    Kind("service", "ES256", "kms"),
    Kind("pq", "ML-DSA-65"),
)


class Here:
    """An installation in this process."""

    def __init__(self, base: BaseServices, clock: FixedClock) -> None:
        self.keys, self.clock, self.signatures = open_ready_keys(base), clock, 0
        self.signing = open_signing(base, self.keys)
        app = make_app(base, name="Ấn Tín", roads=(), cookie_key=self.keys.derive_cookie_key())
        keys.web.mount(app, self.keys)
        self._client = app.test_client()
        self._commands = click.Group()
        keys.cli.register(self._commands, lambda: self.keys, lambda: ())

    def antin(self, *words: str) -> tuple[str, str]:
        done = CliRunner().invoke(self._commands, words, catch_exceptions=False)
        self.clock.move(1)  # other processes look every half second
        assert done.exit_code == 0, done.output
        if words[:2] == ("ca", "ceremony"):
            from keys.flows.responders import renew_responders

            renew_responders(self.keys.custody)  # the job, which runs every hour and at each start
            self.keys.custody.ring.refresh()
        return done.stdout, done.stderr

    def get(self, path: str) -> bytes:
        found = self._client.get(path)
        assert found.status_code == 200
        return bytes(found.data)

    def post(self, path: str, body: bytes, media_type: str) -> bytes:
        return bytes(self._client.post(path, data=body, content_type=media_type).data)

    def sign(self, handle: str, owner: str, document: bytes) -> bytes:
        self.signatures += 1
        issuer, now = self.signing.base.base.issuer, self.clock.now()
        claims = approval(issuer, owner, handle, document, now=now, number=self.signatures)
        token = self.keys.sign_jwt(claims, typ=TokenType.ACCESS)
        order = SigningOrder(document, hashlib.sha256(document).hexdigest(), KeyHandle(handle), token, "Ánh")
        return sign_document(self.signing, order).content

    def verdict(self, document: bytes) -> str:
        return str(judge_document(self.signing, document).indication)

    def pause(self) -> None:
        self.clock.move(60)


def by_cryptography(certificate: bytes, message: bytes, signature: bytes, _algorithm: bytes) -> bool:
    key = x509.load_der_x509_certificate(certificate).public_key()
    try:
        key.verify(signature, message)  # type: ignore[union-attr, call-arg]  # ML-DSA keys come here, and no others
    except Exception:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.suffix)
def test_life_of_certificates(
    kind: Kind, make_base: Callable[..., BaseServices], clock: FixedClock, tmp_path: Path
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("OpenSSL is not installed")
    with ExitStack() as stack:
        settings = KeysSettings(rsa_key_bits=2048)
        if kind.backend == "pkcs11":
            token = stack.enter_context(soft_token(tmp_path / "device"))
            settings = replace(token.settings, key_backend="software")
        elif kind.backend == "kms":
            settings = replace(stack.enter_context(kms_server()).settings, key_backend="software")
        here = Here(make_base(settings, SigningSettings()), clock)
        judge: Judge = OpenSsl(tmp_path, clock.now) if kind.suffix != "pq" else ByParts(by_cryptography)
        wrong: list[str] = []
        life = Life(here, judge, kind, lambda what, good: None if good else wrong.append(what))
        life.walk(decision())
        assert not wrong, chr(10).join(wrong)
