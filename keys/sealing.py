"""
The master key seals; a root secret, itself sealed, is what MACs and the cookie key are derived from.

So the master key can be replaced (flows/reseal.py) without changing what any MAC means. Every use has a key of its own,
by HKDF. Sealing takes a 192-bit random nonce: half of it derives a one-time key,
half is the nonce of AES-GCM, so that one master key seals without a practical limit (the idea of XAES-256-GCM).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from base.errors import StartError
from keys.errors import SealError

KEY_BYTES = 32
VERSION = b"\x01"
KEY_ID_BYTES = 4
NONCE_BYTES = 24
CREDENTIAL = "antin.master-key"
_PREFIX_BYTES = len(VERSION) + KEY_ID_BYTES


class SealingKey:
    """One master key as it seals. Thread-safe; never shows the key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a master key has 32 bytes")
        self._key = key

    def __repr__(self) -> str:
        return f"SealingKey({self.name})"

    @property
    def name(self) -> str:
        """Eight hexadecimal letters that tell it from others and say nothing about it."""
        return self.key_id.hex()

    def seal(self, plain: bytes, context: str) -> bytes:
        """Version (1 byte), key id (4), nonce (24), AES-256-GCM ciphertext with tag (16)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher(nonce).encrypt(nonce[12:], plain, context.encode())
        return VERSION + self.key_id + nonce + sealed

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Raises: SealError: altered, cut, of another context or another master key."""
        if sealed[:_PREFIX_BYTES] != VERSION + self.key_id:
            raise SealError("unknown version or master key")
        nonce = sealed[_PREFIX_BYTES : _PREFIX_BYTES + NONCE_BYTES]
        if len(nonce) != NONCE_BYTES:
            raise SealError("too short")
        try:
            return self._cipher(nonce).decrypt(nonce[12:], sealed[_PREFIX_BYTES + NONCE_BYTES :], context.encode())
        except InvalidTag as error:
            raise SealError("altered, or of another context") from error

    def wrap(self, other: SealingKey) -> bytes:
        """The other master key, sealed under this one."""
        return self.seal(other._key, f"keys.master|{other.name}")

    def unwrap(self, wrapped: bytes, name: str) -> SealingKey:
        """The other way round. Raises: SealError."""
        return SealingKey(self.unseal(wrapped, f"keys.master|{name}"))

    def root_of_old(self) -> bytes:
        """What MACs were derived from before there was a root of its own: this key itself."""
        return self._key

    @cached_property
    def key_id(self) -> bytes:
        return hashlib.sha256(_derived(self._key, "antin.key-id")).digest()[:KEY_ID_BYTES]

    @cached_property
    def _sealing_key(self) -> bytes:
        return _derived(self._key, "antin.seal")

    def _cipher(self, nonce: bytes) -> AESGCM:
        return AESGCM(hmac.digest(self._sealing_key, nonce[:12], "sha256"))


class OtherKeys(Protocol):
    """What is known of the other master key while one replaces the other."""

    def newest(self) -> SealingKey | None:
        """The one to seal with, if it is not the configured one."""
        ...

    def named(self, key_id: bytes) -> SealingKey | None:
        """One of them by the id that sealed bytes carry."""
        ...


class _Mac:
    """
    HMAC-SHA256 under one key that is taken in once; looking the algorithm up again each time took longer than the MAC.

    Source: RFC 2104 §2, §4.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def of(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


class MasterKey:
    """
    Seals, unseals, authenticates for this installation. Thread-safe; never shows a key.

    own:    the configured master key. others: the one that replaces it, or that it replaces.
    root:   what MACs and the cookie key are derived from; it outlives every master key. None: the master key itself.
    """

    def __init__(self, key: bytes | SealingKey, *, root: bytes | None = None, others: OtherKeys | None = None) -> None:
        self.own = key if isinstance(key, SealingKey) else SealingKey(key)
        self._root = root or self.own.root_of_old()
        self._others = others
        self._macs: dict[str, _Mac] = {}

    def __repr__(self) -> str:
        return "MasterKey(…)"

    def seal(self, plain: bytes, context: str) -> bytes:
        """
        Encrypt and authenticate, under the newest master key.

        context: where it belongs, such as "idp.totp|<user id>"; opening it anywhere else fails.
        """
        newest = self._others.newest() if self._others else None
        return (newest or self.own).seal(plain, context)

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Raises: SealError: altered, cut, of another context or another master key."""
        key_id = sealed[len(VERSION) : _PREFIX_BYTES]
        if self._others is not None and key_id != self.own.key_id:
            other = self._others.named(key_id)
            if other is not None:
                return other.unseal(sealed, context)
        return self.own.unseal(sealed, context)

    def mac(self, context: str, *parts: str) -> bytes:
        """HMAC-SHA256 over length-prefixed parts, under a key for this context alone. 32 bytes."""
        keyed = self._macs.get(context)
        if keyed is None:
            keyed = self._macs[context] = _Mac(self.derive(f"antin.mac|{context}"))
        message = b"".join([len(coded).to_bytes(8, "big") + coded for coded in map(str.encode, parts)])
        return keyed.of(message)

    def derive(self, label: str) -> bytes:
        """A key of 32 bytes for one use (RFC 5869)."""
        return _derived(self._root, label)


def _derived(key: bytes, label: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=label.encode()).derive(key)


def sealed_under(sealed: bytes) -> bytes:
    """The id of the master key that sealed bytes name; empty where they are not of this form."""
    whole = sealed[: len(VERSION)] == VERSION and len(sealed) > _PREFIX_BYTES + NONCE_BYTES
    return sealed[len(VERSION) : _PREFIX_BYTES] if whole else b""


def find_master_key(text: str, file: str, credentials: str, default: Path) -> SealingKey:
    """
    The master key from its one source: a variable, a named file, a credential of systemd, or the file in the data
    folder, which the first start of all creates.

    text, file: the settings; credentials: $CREDENTIALS_DIRECTORY, empty where systemd has not set it.
    Raises: StartError: two sources, or as open_master_key().
    """
    credential = Path(credentials) / CREDENTIAL if credentials else None
    found = {
        "ANTIN_MASTER_KEY": bool(text),
        "ANTIN_MASTER_KEY_FILE": bool(file),
        f"the systemd credential {CREDENTIAL}": credential is not None and credential.exists(),
    }
    sources = [name for name, given in found.items() if given]
    if len(sources) > 1:
        named = " and ".join(sources)
        raise StartError(
            f"The master key is given more than once: {named}. Keep one of them.",
            vi=f"Khóa chủ được khai báo nhiều hơn một lần: {named}. Hãy chỉ giữ lại một.",
        )
    if text:
        return _read(text, "ANTIN_MASTER_KEY")
    if file:
        return open_master_key(Path(file), may_create=False)
    if credential is not None and credential.exists():
        return open_master_key(credential, may_create=False)
    return open_master_key(default, may_create=True)


def _read(text: str, source: object) -> SealingKey:
    try:
        key = base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StartError(f"The master key {source} is damaged.", vi=f"Khóa chủ {source} bị hỏng.")
    return SealingKey(key)


def open_master_key(path: Path, *, may_create: bool) -> SealingKey:
    """
    Read the master key (43 base64url characters), or create it, readable by us alone.

    Raises: StartError: missing and not ours to create, malformed, or open to other users of this machine.
    """
    if may_create and not path.exists():
        _create(path)
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except (OSError, ValueError) as error:
        raise StartError(
            f"The master key {path} cannot be read: {error}", vi=f"Không đọc được khóa chủ {path}: {error}"
        ) from error
    if mode & 0o007:
        raise StartError(
            f"The master key {path} is open to every user of this machine; run: chmod 600 {path}",
            vi=f"Khóa chủ {path} đang mở cho mọi người dùng của máy; hãy chạy: chmod 600 {path}",
        )
    return _read(text, path)


def _create(path: Path) -> None:
    """Write a new key under another name, then link it: of two processes one link wins, and nobody sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".master-")  # 0600 from the start
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=") + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(temporary)
    except OSError as error:
        raise StartError(
            f"The master key {path} cannot be created: {error}", vi=f"Không tạo được khóa chủ {path}: {error}"
        ) from error
