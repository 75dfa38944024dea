"""Opening what was encrypted for us. A key that another process has just made is looked for once."""

from __future__ import annotations

from keys.custody import Custody
from keys.errors import JoseError
from keys.jwe import decrypt, names_unknown_key


def decrypt_token(custody: Custody, token: str) -> str:
    """The token inside. Raises: JoseError("not_decrypted"), whatever is wrong."""
    ring = custody.ring
    snapshot = ring.current()
    if names_unknown_key(token, snapshot.decryption_keys):
        snapshot = ring.after_unknown_kid(snapshot)
    content = decrypt(token, snapshot.decryption_keys)
    if not content.isascii():
        raise JoseError("not_decrypted", "no token inside")
    return content.decode("ascii")
