"""Which certificate did the sender of a request use in TLS? Read only where it matters, once per certificate."""

from __future__ import annotations

from functools import lru_cache

from idp.errors import OAuthError
from idp.protocol.client_certificate import ShownCertificate, certificates_in
from idp.services import IdpServices
from keys.api import Keys
from keys.errors import KeyRefused


def thumbprint_of(services: IdpServices, shown: ShownCertificate | None) -> str | None:
    """
    SHA-256 of the certificate (`x5t#S256`), None without one.

    Raises:  OAuthError("invalid_request"): the header is malformed. ("invalid_client"): it is not acceptable.
    Source:  RFC 8705 §3.1.
    """
    return None if shown is None else _thumbprint(services.keys, shown, services.settings.mtls_form)


@lru_cache(maxsize=128)
def _thumbprint(keys: Keys, shown: ShownCertificate, form: str) -> str:
    """A client shows the same certificate at every request."""
    try:
        return keys.read_peer(certificates_in(shown, form)[0]).thumbprint
    except KeyRefused:
        raise OAuthError("invalid_client", "the client certificate is not acceptable", status=401) from None
