"""
The permit to use an agency's seal once. Nobody outside keys can make one; without one `seal_message` does nothing.
"""

from __future__ import annotations

import threading

from keys.errors import KeyRefused
from keys.handles import KeyHandle

_PERMIT = object()


class SealPermit:
    """A use that was taken from a grant: for one document, one seal, one signature."""

    __slots__ = ("_handle", "_lock", "_used", "document_digest", "grant_id")

    def __init__(self, handle: KeyHandle, document_digest: str, grant_id: str, *, permit: object = None) -> None:
        if permit is not _PERMIT:
            raise TypeError("a SealPermit comes from Keys.spend_seal() only")
        self._handle = handle
        self.document_digest = document_digest
        self.grant_id = grant_id
        self._used = False
        self._lock = threading.Lock()

    def __reduce__(self) -> str:
        raise TypeError("a permit cannot be copied or stored")

    def use(self, handle: KeyHandle) -> None:
        """Use it up for this seal. Raises: KeyRefused("seal_refused"): for another one, or used before."""
        with self._lock:
            if self._used or handle != self._handle:
                raise KeyRefused("seal_refused", debug="permit used twice, or for another seal", status=409)
            self._used = True


def permit(handle: KeyHandle, document_digest: str, grant_id: str) -> SealPermit:
    """Make the permit; called by flows/agency_seal.py alone, after the use was taken from the grant."""
    return SealPermit(handle, document_digest, grant_id, permit=_PERMIT)
