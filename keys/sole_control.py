"""
The permit to use a person's key once. Nobody outside keys can make one; without one `sign_digest` does nothing.

Source: the idea of EN 419 241-1, SCAL2: signature activation data bind signer, key and what is signed.
"""

from __future__ import annotations

import threading

from keys.errors import KeyRefused
from keys.handles import KeyHandle
from keys.lifecycle.activation import ActivationFacts

_PERMIT = object()


class SignatureActivation:
    """A spent activation: proof that the signer approved one document for one key, good for one signature."""

    __slots__ = ("_facts", "_lock", "_used")

    def __init__(self, facts: ActivationFacts, *, permit: object = None) -> None:
        if permit is not _PERMIT:
            raise TypeError("a SignatureActivation comes from Keys.spend_activation() only")
        self._facts = facts
        self._used = False
        self._lock = threading.Lock()

    def __reduce__(self) -> str:
        raise TypeError("a permit cannot be copied or stored")

    @property
    def handle(self) -> KeyHandle:
        return self._facts.handle

    @property
    def owner(self) -> str:
        return self._facts.owner

    @property
    def jti(self) -> str:
        return self._facts.jti

    @property
    def document_digest(self) -> str:
        return self._facts.document_digest

    @property
    def acr(self) -> str:
        return self._facts.acr

    @property
    def auth_time(self) -> int:
        return self._facts.auth_time

    @property
    def otp_time(self) -> int:
        return self._facts.otp_time

    def use(self, handle: KeyHandle) -> None:
        """
        Use it up for this key.

        Raises: KeyRefused("activation_refused"): for another key; KeyRefused("activation_spent"): used before.
        """
        if handle != self._facts.handle:
            raise KeyRefused("activation_refused", debug="activation is for another key")
        with self._lock:
            if self._used:
                raise KeyRefused("activation_spent", debug="activation object used twice", status=409)
            self._used = True


def grant(facts: ActivationFacts) -> SignatureActivation:
    """Make the permit; called by flows/spend_activation.py alone, after the activation was spent in the database."""
    return SignatureActivation(facts, permit=_PERMIT)
