"""
The master key and what is derived from it: sealing, MACs, the cookie key.

Every use has a key of its own, by HKDF. Sealing takes a 192-bit random nonce: half of it derives a one-time key,
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
_PREFIX_BYTES = len(VERSION) + KEY_ID_BYTES


class MasterKey:
    """Seals, unseals, authenticates. Thread-safe; never shows the key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a master key has 32 bytes")
        self._key = key
        self._mac_keys: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "MasterKey(…)"

    def seal(self, plain: bytes, context: str) -> bytes:
        """
        Encrypt and authenticate: version (1 byte), key id (4), nonce (24), AES-256-GCM ciphertext with tag (16).

        context: where it belongs, such as "idp.totp|<user id>"; opening it anywhere else fails.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher(nonce).encrypt(nonce[12:], plain, context.encode())
        return VERSION + self._key_id + nonce + sealed

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Raises: SealError: altered, cut, of another context or another master key."""
        if sealed[:_PREFIX_BYTES] != VERSION + self._key_id:
            raise SealError("unknown version or master key")
        nonce = sealed[_PREFIX_BYTES : _PREFIX_BYTES + NONCE_BYTES]
        if len(nonce) != NONCE_BYTES:
            raise SealError("too short")
        try:
            return self._cipher(nonce).decrypt(nonce[12:], sealed[_PREFIX_BYTES + NONCE_BYTES :], context.encode())
        except InvalidTag as error:
            raise SealError("altered, or of another context") from error

    def mac(self, context: str, *parts: str) -> bytes:
        """HMAC-SHA256 over length-prefixed parts, under a key for this context alone. 32 bytes."""
        key = self._mac_keys.get(context)
        if key is None:
            key = self._mac_keys[context] = self.derive(f"antin.mac|{context}")
        message = b"".join(len(coded).to_bytes(8, "big") + coded for coded in (part.encode() for part in parts))
        return hmac.digest(key, message, "sha256")

    def derive(self, label: str) -> bytes:
        """A key of 32 bytes for one use (RFC 5869)."""
        return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=label.encode()).derive(self._key)

    @cached_property
    def _sealing_key(self) -> bytes:
        return self.derive("antin.seal")

    @cached_property
    def _key_id(self) -> bytes:
        return hashlib.sha256(self.derive("antin.key-id")).digest()[:KEY_ID_BYTES]

    def _cipher(self, nonce: bytes) -> AESGCM:
        return AESGCM(hmac.digest(self._sealing_key, nonce[:12], "sha256"))


def open_master_key(path: Path, *, may_create: bool) -> MasterKey:
    """
    Read the master key (43 base64url characters), or create it, readable by us alone.

    Raises: StartError: missing and not ours to create, malformed, or open to other users of this machine.
    """
    if may_create and not path.exists():
        _create(path)
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii").strip()
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (OSError, ValueError) as error:
        raise StartError(
            f"The master key {path} cannot be read: {error}", vi=f"Không đọc được khóa chủ {path}: {error}"
        ) from error
    if mode & 0o007:
        raise StartError(
            f"The master key {path} is open to every user of this machine; run: chmod 600 {path}",
            vi=f"Khóa chủ {path} đang mở cho mọi người dùng của máy; hãy chạy: chmod 600 {path}",
        )
    if len(key) != KEY_BYTES:
        raise StartError(f"The master key {path} is damaged.", vi=f"Khóa chủ {path} bị hỏng.")
    return MasterKey(key)


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
