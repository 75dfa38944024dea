"""Every custody back end does the same: a new entry of BACKENDS joins this suite by itself."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from keys.algorithms import DIGEST_BYTES, Algorithm, KeyAlgorithm
from keys.backends import BACKENDS, open_backends
from keys.backends.base import Backend, BackendFactory, Decrypter, NewKey, Signer
from keys.errors import KeyRefused, KeysUnavailable, SealError
from keys.handles import KeyHandle, KeyManagement
from keys.sealing import MasterKey
from keys.settings import KeysSettings
from tests.aws_kms import kms_server
from tests.softhsm import soft_token

SETTINGS = KeysSettings(rsa_key_bits=2048)
MESSAGE = "văn bản".encode()
HANDLE = KeyHandle("key_test")
CURVES: dict[KeyAlgorithm, tuple[str, hashes.HashAlgorithm]] = {
    Algorithm.ES256: ("secp256r1", hashes.SHA256()),
    Algorithm.ES384: ("secp384r1", hashes.SHA384()),
    Algorithm.ES512: ("secp521r1", hashes.SHA512()),
}
OWN_HASH: dict[KeyAlgorithm, type] = {
    Algorithm.EDDSA: ed25519.Ed25519PublicKey,
    Algorithm.ML_DSA_44: mldsa.MLDSA44PublicKey,
    Algorithm.ML_DSA_65: mldsa.MLDSA65PublicKey,
    Algorithm.ML_DSA_87: mldsa.MLDSA87PublicKey,
}
"""These hash in a way of their own, so nothing hashed before can be signed."""


@contextmanager
def software(_folder: Path) -> Iterator[KeysSettings]:
    yield SETTINGS


@contextmanager
def device(folder: Path) -> Iterator[KeysSettings]:
    with soft_token(folder) as token:
        yield token.settings


@contextmanager
def service(_folder: Path) -> Iterator[KeysSettings]:
    with kms_server() as running:
        yield running.settings


PLACES: dict[str, Callable[[Path], AbstractContextManager[KeysSettings]]] = {
    "software": software,
    "pkcs11": device,
    "kms": service,
}
"""Where each back end finds its keys in a test."""


@dataclass(frozen=True)
class Place:
    factory: BackendFactory
    settings: KeysSettings
    folder: Path

    def open(self, master: bytes = b"m" * 32) -> Backend:
        """As another process would."""
        return self.factory(MasterKey(master), self.settings, self.folder)


OFFERED: dict[str, tuple[KeyAlgorithm, ...]] = {
    "software": (*Algorithm, *KeyManagement),
    "pkcs11": tuple(one for one in Algorithm if not one.startswith("ML-DSA")),
    "kms": tuple(one for one in Algorithm if one in DIGEST_BYTES),
}
"""What each of them does here; a device does what its token has mechanisms for."""
BY_NAME: dict[str, BackendFactory] = {factory.name: factory for factory in BACKENDS}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every back end with every algorithm it has."""
    wanted: dict[str, type] = {"made": Algorithm, "decrypting": KeyManagement}
    for fixture, kind in wanted.items():
        if fixture in metafunc.fixturenames:
            pairs = [(name, one) for name in BY_NAME for one in OFFERED[name] if isinstance(one, kind)]
            metafunc.parametrize(("place", fixture), pairs, indirect=True, scope="module")
            return
    metafunc.parametrize("place", BY_NAME, indirect=True, scope="module")


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    factory, folder = BY_NAME[request.param], tmp_path_factory.mktemp("backend")
    with PLACES[factory.name](folder) as settings:
        yield Place(factory, settings, folder)


@pytest.fixture(scope="module")
def backend(place: Place) -> Backend:
    return place.open()


@pytest.fixture(scope="module")
def made(request: pytest.FixtureRequest, backend: Backend) -> NewKey:
    return backend.generate(KeyHandle(f"{HANDLE}_{request.param}"), request.param)


@pytest.fixture
def signer(backend: Backend, made: NewKey) -> Signer:
    assert isinstance(made.algorithm, Algorithm)
    return backend.open(made.handle, made.algorithm, made.stored)


def check(made: NewKey, signature: bytes, message: bytes = MESSAGE) -> None:
    """Raises: InvalidSignature."""
    key = load_der_public_key(made.public_key)
    if isinstance(key, ec.EllipticCurvePublicKey):
        curve, hash_of_it = CURVES[made.algorithm]
        assert key.curve.name == curve
        key.verify(signature, message, ec.ECDSA(hash_of_it))
    elif isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        scheme = pss if made.algorithm is Algorithm.PS256 else padding.PKCS1v15()
        key.verify(signature, message, scheme, hashes.SHA256())
        assert key.key_size == SETTINGS.rsa_key_bits
        assert key.public_numbers().e == 65_537
    else:
        assert isinstance(key, OWN_HASH[made.algorithm])
        key.verify(signature, message)  # type: ignore[union-attr,call-arg]  # each of these kinds verifies so


def test_signs_what_its_public_key_verifies(made: NewKey, signer: Signer) -> None:
    check(made, signer.sign(MESSAGE))


def test_offers(backend: Backend) -> None:
    assert backend.algorithms == set(OFFERED[backend.name])


def test_names_itself(backend: Backend, made: NewKey, place: Place) -> None:
    assert made.backend == backend.name
    assert made.handle.startswith(HANDLE)
    assert open_backends(MasterKey(b"m" * 32), place.settings, place.folder)[backend.name].name == backend.name
    assert backend.describe()


def test_opens_again(backend: Backend, made: NewKey) -> None:
    assert isinstance(made.algorithm, Algorithm)
    check(made, backend.open(made.handle, made.algorithm, made.stored).sign(MESSAGE))


def test_another_process_opens_it_too(place: Place, made: NewKey) -> None:
    assert isinstance(made.algorithm, Algorithm)
    check(made, place.open().open(made.handle, made.algorithm, made.stored).sign(MESSAGE))


def test_another_master_key_does_not_open_it(place: Place, made: NewKey) -> None:
    assert isinstance(made.algorithm, Algorithm)
    with pytest.raises(SealError):
        place.open(b"n" * 32).open(made.handle, made.algorithm, made.stored)


def test_every_key_is_new(backend: Backend, made: NewKey) -> None:
    other = backend.generate(KeyHandle(f"{HANDLE}_other_{made.algorithm}"), made.algorithm)
    assert other.public_key != made.public_key
    backend.destroy(other.handle, other.stored)


def test_a_digest_is_signed_like_its_message_and_only_at_its_length(made: NewKey, signer: Signer) -> None:
    if made.algorithm in OWN_HASH:
        for length in (20, 32, 48, 64):
            with pytest.raises(KeyRefused, match="wrong_algorithm"):
                signer.sign_digest(b"d" * length)
        return
    name = {"ES384": "sha384", "ES512": "sha512"}.get(str(made.algorithm), "sha256")
    digest = hashlib.new(name, MESSAGE).digest()
    check(made, signer.sign_digest(digest))
    for length in {0, 16, 20, 32, 48, 64, 65} - {len(digest)}:
        with pytest.raises(KeyRefused, match="wrong_algorithm"):
            signer.sign_digest(b"d" * length)


def test_wrong_algorithm_is_refused(backend: Backend, made: NewKey) -> None:
    for other in Algorithm:
        if other is not made.algorithm:
            with pytest.raises((KeyRefused, SealError)):
                backend.open(made.handle, other, made.stored)


def test_key_of_another_row_does_not_open(backend: Backend, made: NewKey) -> None:
    assert isinstance(made.algorithm, Algorithm)
    with pytest.raises((KeyRefused, SealError)):
        backend.open(KeyHandle("key_other"), made.algorithm, made.stored)


def test_altered_store_does_not_open(backend: Backend, made: NewKey) -> None:
    assert isinstance(made.algorithm, Algorithm)
    with pytest.raises((KeyRefused, SealError)):
        backend.open(made.handle, made.algorithm, made.stored[:-1] + bytes((made.stored[-1] ^ 1,)))


def test_never_gives_out_private_bytes(made: NewKey, signer: Signer) -> None:
    """Nothing public on the signer is a key or bytes; what is stored is no key in clear."""
    with pytest.raises(AttributeError):
        signer.private_bytes  # type: ignore[attr-defined]  # noqa: B018  # that is the test
    for name in dir(signer):
        if not name.startswith("_"):
            value = getattr(signer, name)
            assert isinstance(value, Algorithm) or callable(value), name
            assert not hasattr(value, "private_bytes"), name
    with pytest.raises(Exception, match=r"travel|pickle"):
        pickle.dumps(signer)
    with pytest.raises((ValueError, TypeError)):
        load_der_private_key(made.stored, None)
    assert b"PRIVATE" not in made.stored
    for start in (b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", b"\x06\x05\x2b\x81\x04\x00"):
        assert start not in made.stored  # the curve, as PKCS#8 would name it


def test_many_threads_at_once(made: NewKey, signer: Signer) -> None:
    messages = [MESSAGE + str(count).encode() for count in range(64)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(signer.sign, messages))
    for message, signature in zip(messages, signatures, strict=True):
        check(made, signature, message)


# ── Keys that decrypt ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def decrypting(request: pytest.FixtureRequest, backend: Backend) -> NewKey:
    return backend.generate(HANDLE, request.param)


def opened(backend: Backend, made: NewKey) -> Decrypter:
    assert isinstance(made.algorithm, KeyManagement)
    return backend.open_to_decrypt(made.handle, made.algorithm, made.stored)


def test_opens_what_was_made_with_its_public_key(backend: Backend, decrypting: NewKey) -> None:
    decrypter, public = opened(backend, decrypting), load_der_public_key(decrypting.public_key)
    if isinstance(public, rsa.RSAPublicKey):
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        assert decrypter.unwrap(public.encrypt(b"k" * 32, oaep)) == b"k" * 32
        with pytest.raises(ValueError, match="Decryption"):
            decrypter.unwrap(public.encrypt(b"k" * 32, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)))
        with pytest.raises(KeyRefused, match="wrong_algorithm"):
            decrypter.agree(b"\x04" + bytes(64))
        return
    assert isinstance(public, ec.EllipticCurvePublicKey)
    other = ec.generate_private_key(ec.SECP256R1())
    point = other.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert decrypter.agree(point) == other.exchange(ec.ECDH(), public)
    with pytest.raises(KeyRefused, match="wrong_algorithm"):
        decrypter.unwrap(b"k" * 256)


def test_points_off_the_curve_are_refused(backend: Backend, decrypting: NewKey) -> None:
    if decrypting.algorithm is KeyManagement.RSA_OAEP_256:
        return
    for point in (b"", b"\x00", b"\x04" + bytes(64), b"\x04" + b"\x01" * 64, b"\x04" + bytes(96)):
        with pytest.raises(ValueError, match=r"(?i)point|curve|empty|EC key"):
            opened(backend, decrypting).agree(point)


def test_a_key_that_decrypts_never_signs(backend: Backend, decrypting: NewKey) -> None:
    assert isinstance(decrypting.algorithm, KeyManagement)
    for algorithm in Algorithm:
        with pytest.raises((KeyRefused, SealError)):
            backend.open(decrypting.handle, algorithm, decrypting.stored)
    for other in KeyManagement:
        if other is not decrypting.algorithm:
            with pytest.raises((KeyRefused, SealError)):
                backend.open_to_decrypt(decrypting.handle, other, decrypting.stored)
    decrypter = opened(backend, decrypting)
    assert not hasattr(decrypter, "sign")
    with pytest.raises(Exception, match=r"travel|pickle"):
        pickle.dumps(decrypter)


def test_what_was_destroyed_signs_no_more(backend: Backend, place: Place) -> None:
    """Whoever destroys a key erases what was stored; a device forgets its half besides, for every process."""
    made = backend.generate(KeyHandle("key_gone"), Algorithm.ES256)
    elsewhere = place.open()
    held = elsewhere.open(made.handle, Algorithm.ES256, made.stored)
    check(made, held.sign(MESSAGE))
    backend.destroy(made.handle, made.stored)
    backend.destroy(made.handle, made.stored)  # a second time is quiet
    with pytest.raises(SealError):
        backend.open(made.handle, Algorithm.ES256, b"")
    if backend.name == "software":
        return
    for again in (held, place.open().open(made.handle, Algorithm.ES256, made.stored)):
        with pytest.raises(KeysUnavailable):
            again.sign(MESSAGE)


def test_long_messages(made: NewKey, signer: Signer) -> None:
    """A revocation list may have megabytes."""
    message = b"x" * 1_000_003
    check(made, signer.sign(message), message)
    check(made, signer.sign(b""), b"")
