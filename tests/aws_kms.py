"""
A key management service for a test: moto's server in a thread, made as strict as the real one where it is not.

moto hashes a digest once more, salts PSS as long as it can, and lets keys sign that are about to be deleted.
"""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.core.exceptions import JsonRESTError
from moto.kms.responses import KmsResponse
from moto.server import ThreadedMotoServer

from keys.settings import KeysSettings

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
HASHES: dict[str, hashes.HashAlgorithm] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


class Service:
    """The running server. error: a code that it answers with from then on; asked: the signatures it was asked for."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.error = ""
        self.asked: list[str] = []

    @property
    def settings(self) -> KeysSettings:
        return KeysSettings(
            rsa_key_bits=2048,
            key_backend="kms",
            kms_region="ap-southeast-1",
            kms_endpoint=self.address,
            kms_timeout_seconds=20,
        )

    def sign(self, response: KmsResponse) -> str:
        """Sign as the API describes it."""
        self.asked.append("sign")
        if self.error:
            raise JsonRESTError(self.error, "as the test wants it")
        key = response.kms_backend.describe_key(response._get_param("KeyId"))
        if key.key_state != "Enabled":
            raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is {key.key_state}")
        message, scheme = response._get_param("Message"), response._get_param("SigningAlgorithm")
        if response._get_param("MessageType") != "DIGEST" or scheme not in key.signing_algorithms:
            raise JsonRESTError("ValidationException", "the test expects digests")
        signature = signed(vars(key.private_key)["private_key"], message, scheme)
        return json.dumps({"KeyId": key.arn, "Signature": base64.b64encode(signature).decode()})


def signed(key: Any, digest: bytes, scheme: str) -> bytes:
    hashed = HASHES[scheme[-3:]]
    if len(digest) != hashed.digest_size:
        raise JsonRESTError("ValidationException", "Digest is invalid length for algorithm")
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(digest, ec.ECDSA(Prehashed(hashed)))
    assert isinstance(key, rsa.RSAPrivateKey)
    pss = padding.PSS(padding.MGF1(hashed), hashed.digest_size)
    return key.sign(digest, pss if "PSS" in scheme else padding.PKCS1v15(), Prehashed(hashed))


@contextmanager
def kms_server() -> Iterator[Service]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    service = Service(f"http://{host}:{port}")
    try:
        strict = mock.patch.object(KmsResponse, "sign", lambda response: service.sign(response))
        with strict, mock.patch.dict(os.environ, CREDENTIALS):
            yield service
    finally:
        server.stop()
