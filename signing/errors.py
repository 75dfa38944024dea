"""What can go wrong on the way to a signature; each error names a cause and a next step in both languages."""

from __future__ import annotations

from base.errors import AntinError


class SigningError(AntinError):
    """Root of this package's errors."""


class DocumentRefused(SigningError):
    """The document cannot be taken in: not a PDF, encrypted, broken, too large, active content, …"""


class ApiRefused(SigningError):
    """
    An application is turned away. challenge: what WWW-Authenticate says, where a token is the matter. nonce: for its
    next DPoP proof, where the last one had none of ours.
    """

    challenge = ""
    nonce = ""


class DeskRefused(SigningError):
    """The desk does not let this person or this browser go on: not signed in, not an official, wrong state."""


class SignatureRefused(SigningError):
    """No signature was made; the document is as it was."""
