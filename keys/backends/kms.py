"""
Keys in a key management service that speaks the API of AWS KMS: made there, signing there, destroyed there.

What is stored about a key is its name in the service, sealed. Messages are hashed here and the service is given
digests, so a message may be of any length. The address of the service and the right to use it come from the operator
(settings and the usual places of AWS credentials), never from a request, so base/http.py is not in between.

Source: AWS KMS API Reference (CreateKey, GetPublicKey, Sign with MessageType DIGEST, ScheduleKeyDeletion, DescribeKey).
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from base.errors import StartError
from keys.algorithms import DIGEST_BYTES, Algorithm, KeyAlgorithm, check_digest
from keys.backends.base import Decrypter, NewKey
from keys.backends.pairwise import check_pair
from keys.errors import KeyRefused, KeysUnavailable, SealError
from keys.handles import KeyHandle, KeyManagement
from keys.sealing import MasterKey
from keys.settings import KeysSettings

TRY_AGAIN_SECONDS = 1.0
DELETION_DAYS = 7
"""The shortest time after which the service forgets a key; it signs no more from the moment it is scheduled."""
RSA_BITS = (2048, 3072, 4096)
NAMES: Mapping[Algorithm, tuple[str, str]] = {
    Algorithm.ES256: ("ECC_NIST_P256", "ECDSA_SHA_256"),
    Algorithm.ES384: ("ECC_NIST_P384", "ECDSA_SHA_384"),
    Algorithm.ES512: ("ECC_NIST_P521", "ECDSA_SHA_512"),
    Algorithm.RS256: ("RSA_{bits}", "RSASSA_PKCS1_V1_5_SHA_256"),
    Algorithm.PS256: ("RSA_{bits}", "RSASSA_PSS_SHA_256"),
}
"""KeySpec and SigningAlgorithm of each."""
_HASHES = {32: hashlib.sha256, 48: hashlib.sha384, 64: hashlib.sha512}
_GONE = ("NotFoundException", "KMSInvalidStateException", "DisabledException")
_BUSY = ("ThrottlingException", "LimitExceededException", "RequestLimitExceeded")


class KmsSigner:
    """A key in the service, reachable as its one operation."""

    __slots__ = ("_ask", "_hash", "algorithm")

    def __init__(self, ask: Callable[[bytes], bytes], algorithm: Algorithm) -> None:
        self.algorithm = algorithm
        self._ask = ask
        self._hash = _HASHES[DIGEST_BYTES[algorithm]]

    def __reduce__(self) -> str:
        raise TypeError("keys do not travel")

    def sign(self, message: bytes) -> bytes:
        return self._ask(self._hash(message).digest())

    def sign_digest(self, digest: bytes) -> bytes:
        check_digest(self.algorithm, digest)
        return self._ask(digest)


class KmsBackend:
    """Keys in the region that the settings name."""

    name = "kms"
    algorithms: frozenset[KeyAlgorithm] = frozenset(NAMES)

    def __init__(self, master: MasterKey, settings: KeysSettings, folder: Path) -> None:
        if find_spec("boto3") is None:
            raise StartError("Keys in a key management service need the package boto3: pip install 'antin[kms]'.")
        if settings.rsa_key_bits not in RSA_BITS:
            raise StartError(f"ANTIN_RSA_KEY_BITS must be one of {RSA_BITS} for keys in a key management service.")
        self._master = master
        self._service = Service(settings)
        self._rsa_key_bits = settings.rsa_key_bits

    @classmethod
    def configured(cls, settings: KeysSettings) -> bool:
        """Whether the settings name a region."""
        return bool(settings.kms_region)

    def describe(self) -> str:
        """Which service answers. Raises: KeysUnavailable."""
        self._service.call("list_keys", Limit=1)
        return self._service.address

    def generate(self, handle: KeyHandle, algorithm: KeyAlgorithm) -> NewKey:
        if not isinstance(algorithm, Algorithm) or algorithm not in NAMES:
            raise KeyRefused("wrong_algorithm", debug=f"the service does not do {algorithm}")
        spec = NAMES[algorithm][0].format(bits=self._rsa_key_bits)
        made = self._service.call(
            "create_key", KeySpec=spec, KeyUsage="SIGN_VERIFY", Description=f"antin {handle} {algorithm}"
        )
        name = str(made["KeyMetadata"]["KeyId"])
        der = bytes(self._service.call("get_public_key", KeyId=name)["PublicKey"])
        public = load_der_public_key(der)
        if not isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            raise KeysUnavailable("The key management service made another kind of key.", debug=type(public).__name__)
        stored = self._master.seal(name.encode(), sealed_for(handle, algorithm))
        check_pair(self.open(handle, algorithm, stored), public)
        return NewKey(handle, algorithm, self.name, stored, der)

    def open(self, handle: KeyHandle, algorithm: Algorithm, stored: bytes) -> KmsSigner:
        if algorithm not in NAMES:
            raise KeyRefused("wrong_algorithm", debug=f"the service does not do {algorithm}")
        name, scheme = self._name(handle, algorithm, stored), NAMES[algorithm][1]

        def ask(digest: bytes) -> bytes:
            answer = self._service.call(
                "sign", KeyId=name, Message=digest, MessageType="DIGEST", SigningAlgorithm=scheme
            )
            return bytes(answer["Signature"])

        return KmsSigner(ask, algorithm)

    def open_to_decrypt(self, handle: KeyHandle, algorithm: KeyManagement, stored: bytes) -> Decrypter:
        raise KeyRefused("wrong_algorithm", debug="keys in the service only sign")

    def destroy(self, handle: KeyHandle, stored: bytes) -> None:
        for algorithm in NAMES:
            try:
                name = self._name(handle, algorithm, stored)
            except SealError:
                continue  # what is stored says by its seal which algorithm it is for
            self._service.call("schedule_key_deletion", may_be_gone=True, KeyId=name, PendingWindowInDays=DELETION_DAYS)
            return

    def _name(self, handle: KeyHandle, algorithm: Algorithm, stored: bytes) -> str:
        return self._master.unseal(stored, sealed_for(handle, algorithm)).decode()


class Service:
    """The client of the service: one attempt each, short times, and a pause while it is away. Thread-safe."""

    def __init__(self, settings: KeysSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: Any = None
        self._pid = 0
        self._failed_at = float("-inf")
        self.address = settings.kms_endpoint or f"AWS KMS, {settings.kms_region}"

    def call(self, operation: str, *, may_be_gone: bool = False, **parameters: Any) -> Mapping[str, Any]:
        """
        The answer of an operation (snake case). may_be_gone: a key that is not there (any more) is no error.

        A signature is asked for once: whether a request without an answer was carried out, nobody knows.
        Raises: KeysUnavailable.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        if time.monotonic() - self._failed_at < TRY_AGAIN_SECONDS:
            raise _away("tried a moment ago")
        try:
            answer: Mapping[str, Any] = getattr(self._connected(), operation)(**parameters)
            return answer
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _GONE:
                if may_be_gone:
                    return {}
                raise KeysUnavailable("The key management service does not hold this key.", debug=code) from error
            if code not in _BUSY:
                self._failed_at = time.monotonic()
            raise _away(code) from error
        except BotoCoreError as error:
            self._failed_at = time.monotonic()
            raise _away(type(error).__name__) from error

    def _connected(self) -> Any:
        """The client of this process: connections are not shared with the child of a fork."""
        if self._client is None or self._pid != os.getpid():
            with self._lock:
                if self._client is None or self._pid != os.getpid():
                    self._client, self._pid = self._connect(), os.getpid()
        return self._client

    def _connect(self) -> Any:
        import boto3
        from botocore.config import Config

        seconds = self._settings.kms_timeout_seconds
        client = boto3.session.Session().client(
            "kms",
            region_name=self._settings.kms_region,
            endpoint_url=self._settings.kms_endpoint or None,
            config=Config(
                connect_timeout=seconds,
                read_timeout=seconds,
                retries={"total_max_attempts": 1},
                max_pool_connections=32,
            ),
        )
        weakref.finalize(self, client.close)
        return client


def sealed_for(handle: KeyHandle, algorithm: KeyAlgorithm) -> str:
    """Ties what is stored to its row and algorithm: swapped between rows it does not open."""
    return f"keys.kms|{handle}|{algorithm}"


def _away(debug: str) -> KeysUnavailable:
    return KeysUnavailable("The key management service does not answer. Try again in a moment.", debug=debug)
