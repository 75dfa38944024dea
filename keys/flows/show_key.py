"""Everything about one key that may be told, and the inventory of all cryptography in use."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from keys.custody import Custody
from keys.errors import KeyRefused
from keys.handles import ContentEncryption, KeyHandle
from keys.lifecycle.states import State
from keys.store import certificates
from keys.store import keys as key_rows
from keys.store.keys import StoredKey
from keys.store.uses import limits_of


def show(custody: Custody, handle: KeyHandle) -> Mapping[str, Any]:
    """The row, limits, public key (PEM) and certificate of a key, ready for JSON. Raises: KeyRefused("unknown_key")."""
    with custody.base.db.read() as connection:
        key, row = key_rows.find(connection, handle), certificates.of_handle(connection, handle)
        limits = limits_of(connection, handle)
    if key is None or limits is None:
        raise KeyRefused("unknown_key", status=404)
    public = load_der_public_key(key.public_key)
    return {
        "handle": key.handle,
        "purpose": str(key.purpose),
        "algorithm": str(key.algorithm),
        "backend": key.backend,
        "state": str(key.state),
        "created_at": key.created_at,
        "activated_at": key.activated_at,
        "retired_at": key.retired_at,
        "has_private_part": key.stored is not None,
        "public_key_sha256": hashlib.sha256(key.public_key).hexdigest(),
        "public_key": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "certificate_serial": row.serial if row else None,
        "certificate_not_after": row.not_after if row else None,
        **limits,
    }


def inventory(custody: Custody) -> Mapping[str, Any]:
    """
    What cryptography this installation uses: keys by purpose, algorithm, size (0: the algorithm says it) and back end,
    and what is fixed.

    Source: OWASP ASVS 5.0 §11.1.2; the idea of CycloneDX 1.6 CBOM (assets of the types algorithm and related material).
    """
    with custody.base.db.read() as connection:
        rows = key_rows.every(connection)
    counted = Counter(_asset(row) for row in rows if row.state is not State.GONE)
    return {
        "keys": [
            dict(zip(("purpose", "algorithm", "bits", "backend", "state"), asset, strict=True)) | {"count": count}
            for asset, count in sorted(counted.items())
        ],
        "sealing": {"cipher": "AES-256-GCM", "derivation": "HKDF-SHA256", "nonce_bits": 192},
        "authentication_codes": "HMAC-SHA256",
        "content_encryption": [str(one) for one in ContentEncryption],
        "hashes": ["SHA-256", "SHA-384", "SHA-512"],
        "audit_chain": "SHA-256",
    }


def _asset(row: StoredKey) -> tuple[str, str, int, str, str]:
    public = load_der_public_key(row.public_key)
    bits = public.key_size if isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else 0
    return str(row.purpose), str(row.algorithm), bits, row.backend, str(row.state)
