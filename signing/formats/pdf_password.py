"""
The key of an encrypted PDF from a password: the standard security handler, revisions 2 to 6.

The work is bounded: revision 6 ends after 288 rounds at the latest, for a byte is never larger than 255.
Source: ISO 32000-2 §7.6.4.3 (Algorithms 2, 2.A, 2.B), §7.6.4.4 (Algorithms 3 to 7); Adobe Supplement to ISO 32000,
ExtensionLevel 3, §3.5.2 (revision 5).
"""

from __future__ import annotations

import hashlib
import stringprep
import unicodedata
from dataclasses import dataclass, field
from hmac import compare_digest

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from pyhanko.pdf_utils.generic import encode_pdfdocencoding

MOST_ROUNDS = 288
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_ALL_METADATA, _PLAIN_METADATA = b"T", b"F"


@dataclass(frozen=True, slots=True)
class Locked:
    """
    What an encryption dictionary says, in the widths that its revision prescribes.

    key_bytes: 5 to 16, or 32. owner, user: /O, /U. owner_key, user_key, sealed: /OE, /UE, /Perms, of revisions 5 and 6.
    permissions: /P as 32 bits. all_metadata: /EncryptMetadata. identity: first half of /ID, of revisions 2 to 4.
    """

    revision: int
    key_bytes: int
    owner: bytes = field(repr=False)
    user: bytes = field(repr=False)
    permissions: int
    all_metadata: bool = True
    identity: bytes = field(default=b"", repr=False)
    owner_key: bytes = field(default=b"", repr=False)
    user_key: bytes = field(default=b"", repr=False)
    sealed: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The key of the file; is_owner: no permission limits whoever has this password."""

    key: bytes = field(repr=False)
    is_owner: bool


class PermissionsForged(ValueError):
    """The permissions are not those that were sealed with the key of the file."""


def unlock(locked: Locked, password: str) -> Unlocked | None:
    """None: neither of the two passwords. Raises: PermissionsForged."""
    return _unlock_256(locked, _prepared(password)) if locked.revision >= 5 else _unlock_128(locked, _encoded(password))


def _encoded(password: str) -> bytes:
    """For revisions 2 to 4: in the encoding of text strings, where it has the characters."""
    try:
        return bytes(encode_pdfdocencoding(password))[:32]
    except UnicodeEncodeError:
        return password.encode("utf-8", "surrogatepass")[:32]


def _prepared(password: str) -> bytes:
    """For revisions 5 and 6: SASLprep (RFC 4013 §2.1, §2.2) in UTF-8; what it forbids opens no file anyway."""
    mapped = (" " if stringprep.in_table_c12(one) else one for one in password if not stringprep.in_table_b1(one))
    return unicodedata.normalize("NFKC", "".join(mapped)).encode("utf-8", "surrogatepass")[:127]


def _unlock_128(locked: Locked, password: bytes) -> Unlocked | None:
    user = _user_password(locked, password)
    for candidate, is_owner in ((user, True), (password, False)):
        key = _file_key(locked, candidate)
        if _opens(locked, key):
            return Unlocked(key, is_owner)
    return None


def _user_password(locked: Locked, owner: bytes) -> bytes:
    """What the owner's password makes of /O. Algorithm 7."""
    digest = _md5((owner + _PADDING)[:32])
    for _ in range(50 if locked.revision >= 3 else 0):
        digest = _md5(digest)
    return _rc4_down(locked, digest[: locked.key_bytes], locked.owner)


def _file_key(locked: Locked, password: bytes) -> bytes:
    """Algorithm 2."""
    seen = (password + _PADDING)[:32] + locked.owner + locked.permissions.to_bytes(4, "little") + locked.identity
    if locked.revision >= 4 and not locked.all_metadata:
        seen += b"\xff\xff\xff\xff"
    digest = _md5(seen)
    for _ in range(50 if locked.revision >= 3 else 0):
        digest = _md5(digest[: locked.key_bytes])
    return digest[: locked.key_bytes]


def _opens(locked: Locked, key: bytes) -> bool:
    """Whether the key is the one that made /U. Algorithms 4 and 5, backwards."""
    found = _rc4_down(locked, key, locked.user if locked.revision == 2 else locked.user[:16])
    return compare_digest(found, _PADDING if locked.revision == 2 else _md5(_PADDING + locked.identity))


def _rc4_down(locked: Locked, key: bytes, data: bytes) -> bytes:
    for step in range(19 if locked.revision >= 3 else 0, -1, -1):
        machine = Cipher(ARC4(bytes(byte ^ step for byte in key)), None).decryptor()
        data = machine.update(data) + machine.finalize()
    return data


def _unlock_256(locked: Locked, password: bytes) -> Unlocked | None:
    """Algorithm 2.A: each of /O and /U is a hash, the salt that it was made with, and the salt of the key."""
    for entry, wrapped, besides in ((locked.owner, locked.owner_key, locked.user), (locked.user, locked.user_key, b"")):
        if not compare_digest(_hash(locked, password, entry[32:40], besides), entry[:32]):
            continue
        machine = Cipher(AES(_hash(locked, password, entry[40:48], besides)), CBC(bytes(16))).decryptor()
        key = machine.update(wrapped) + machine.finalize()
        _check_sealed(locked, key)
        return Unlocked(key, is_owner=wrapped is locked.owner_key)
    return None


def _check_sealed(locked: Locked, key: bytes) -> None:
    """Algorithm 13: anybody can write another /P, but only who has the key another /Perms."""
    machine = Cipher(AES(key), ECB()).decryptor()  # noqa: S305  # one block, as the standard has it
    told = machine.update(locked.sealed) + machine.finalize()
    metadata = _ALL_METADATA if locked.all_metadata else _PLAIN_METADATA
    if told[:4] != locked.permissions.to_bytes(4, "little") or told[8:12] != metadata + b"adb":
        raise PermissionsForged


def _hash(locked: Locked, password: bytes, salt: bytes, besides: bytes) -> bytes:
    """Algorithm 2.B; in revision 5 its first step alone."""
    key = hashlib.sha256(password + salt + besides).digest()
    if locked.revision == 5:
        return key
    for step in range(MOST_ROUNDS):
        machine = Cipher(AES(key[:16]), CBC(key[16:32])).encryptor()
        mixed = machine.update(64 * (password + key + besides)) + machine.finalize()
        key = hashlib.new(("sha256", "sha384", "sha512")[sum(mixed[:16]) % 3], mixed).digest()
        if step >= 63 and mixed[-1] <= step - 31:  # the round after this one has number step + 1
            break
    return key[:32]


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
