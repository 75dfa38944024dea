"""A key management service that is away, slow, overrun or says no: one typed answer, and nothing signed twice."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from base.errors import StartError
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import TokenType
from keys.backends import kms
from keys.backends.kms import KmsBackend
from keys.errors import KeysUnavailable
from keys.handles import KeyHandle
from keys.sealing import MasterKey
from keys.services import open_keys
from keys.settings import KeysSettings
from tests.aws_kms import Service, kms_server

ISSUER = "http://localhost:8000"
MASTER, HANDLE = MasterKey(b"m" * 32), KeyHandle("key_1")


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with kms_server() as started:
        yield started


@pytest.fixture
def service(running: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(kms, "TRY_AGAIN_SECONDS", 0.0)
    running.error = ""
    running.asked.clear()
    return running


def opened(settings: KeysSettings) -> KmsBackend:
    return KmsBackend(MASTER, settings, Path())


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "KMSInternalException", "DependencyTimeoutException", "AccessDeniedException"]
)
def test_a_refusal_is_asked_for_once(service: Service, code: str) -> None:
    """S3: no second request whose signature nobody would know of."""
    backend = opened(service.settings)
    made = backend.generate(HANDLE, Algorithm.ES256)
    signer = backend.open(made.handle, Algorithm.ES256, made.stored)
    service.asked.clear()
    service.error = code
    with pytest.raises(KeysUnavailable) as refused:
        signer.sign(b"message")
    assert (refused.value.status, refused.value.retry_seconds, refused.value.debug) == (503, 2, code)
    assert service.asked == ["sign"]
    service.error = ""
    signer.sign(b"message")


def test_nobody_listens(service: Service) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        backend = opened(replace(service.settings, kms_endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}"))
        with pytest.raises(KeysUnavailable, match="does not answer"):
            backend.describe()


def test_somebody_listens_and_says_nothing(service: Service) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        backend = opened(replace(service.settings, kms_endpoint=address, kms_timeout_seconds=1))
        with pytest.raises(KeysUnavailable) as refused:
            backend.describe()
        assert refused.value.debug == "ReadTimeoutError"


def test_an_outage_is_asked_about_once_a_second(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(service.settings)
    made = backend.generate(HANDLE, Algorithm.ES256)
    signer = backend.open(made.handle, Algorithm.ES256, made.stored)
    service.asked.clear()
    service.error = "KMSInternalException"
    monkeypatch.setattr(kms, "TRY_AGAIN_SECONDS", 3600.0)
    for _ in range(20):
        with pytest.raises(KeysUnavailable):
            signer.sign(b"message")
    assert service.asked == ["sign"]


def test_a_busy_service_is_not_an_outage(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(service.settings)
    made = backend.generate(HANDLE, Algorithm.ES256)
    signer = backend.open(made.handle, Algorithm.ES256, made.stored)
    service.error = "ThrottlingException"
    monkeypatch.setattr(kms, "TRY_AGAIN_SECONDS", 3600.0)
    with pytest.raises(KeysUnavailable):
        signer.sign(b"message")
    service.error = ""
    signer.sign(b"message")


def test_settings_that_do_not_fit(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartError, match="ANTIN_RSA_KEY_BITS"):
        opened(replace(service.settings, rsa_key_bits=2560))
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(StartError, match=r"antin\[kms\]"):
        opened(service.settings)


def test_tokens_signed_by_the_service(service: Service, make_base: Callable[..., BaseServices]) -> None:
    base = make_base(service.settings)
    now = base.clock.now()
    claims: dict[str, Any] = {"iss": ISSUER, "aud": "client", "sub": "u1", "iat": now, "exp": now + 600}
    held = open_keys(base)
    where = {(one.purpose, one.algorithm): one.backend for one in held.list_keys()}
    assert where["token", "ES256"] == where["token", "PS256"] == where["issuing", "ES256"] == "kms"
    assert where["token", "EdDSA"] == where["encryption", "ECDH-ES"] == "software"
    token = held.sign_jwt(claims, typ=TokenType.ID, alg="PS256")
    service.error = "KMSInternalException"
    with pytest.raises(KeysUnavailable):
        held.sign_jwt(claims, typ=TokenType.ID)
    assert held.verify_own_jwt(token, typ=TokenType.ID, issuer=ISSUER) == claims
    service.error = ""
    assert held.verify_own_jwt(held.sign_jwt(claims, typ=TokenType.ID), typ=TokenType.ID, issuer=ISSUER) == claims
