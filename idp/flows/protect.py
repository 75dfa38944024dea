"""
Signing and encrypting what goes to one client, with the algorithms it is registered for; first signed, then encrypted.

Source: OpenID Connect Core §10.2 (nested, with `cty`), §16.14 (the order); RFC 7519 §5.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.errors import OAuthError, RegistrationRefused
from idp.protocol.client import Client
from idp.protocol.protection import Encryption, encryptions_of
from idp.services import IdpServices
from keys.api import Keys, TokenType
from keys.errors import JoseError, KeyRefused


def protect(
    services: IdpServices, client: Client, claims: Mapping[str, Any], *, message: str, typ: TokenType, alg: str
) -> str:
    """
    A signed token, encrypted where the client registered that for this message (protocol/protection.py: MESSAGES).

    Raises:  OAuthError("invalid_request"): the client has no fitting key (any more).
    """
    token = services.keys.sign_jwt(claims, typ=typ, alg=alg)
    encryption = client.encryptions.get(message)
    return token if encryption is None else encrypt_for(services, client, token, encryption)


def encrypt_for(services: IdpServices, client: Client, content: str | bytes, encryption: Encryption) -> str:
    """
    A JWE of a token (str) or of other content; with keys fetched anew where the kept ones do not fit.

    Raises:  OAuthError("invalid_request").
    """
    try:
        return _encrypted(services, client, content, encryption, anew=False)
    except JoseError:
        if client.jwks_uri is None:
            raise _no_key(encryption) from None
    try:
        return _encrypted(services, client, content, encryption, anew=True)
    except JoseError:
        raise _no_key(encryption) from None


def check_recipient(services: IdpServices, client: Client, message: str) -> None:
    """
    Whether this message can be encrypted, asked before anything one-time is spent on it. Free for other clients.

    Raises:  OAuthError("invalid_request").
    """
    encryption = client.encryptions.get(message)
    if encryption is not None:
        encrypt_for(services, client, b"", encryption)


def check_recipient_keys(keys: Keys, metadata: Mapping[str, Any]) -> None:
    """Raises: RegistrationRefused: a key set by value holds no key for an encryption that is asked for."""
    jwks: Mapping[str, Any] = metadata.get("jwks") or {}
    for encryption in encryptions_of(metadata).values() if jwks else ():
        try:
            keys.check_recipient(jwks, encryption.alg)
        except JoseError:
            raise RegistrationRefused("invalid_client_metadata", f"jwks holds no key for {encryption.alg}") from None


def check_own_keys(keys: Keys, metadata: Mapping[str, Any]) -> None:
    """Raises: RegistrationRefused: a key set by value holds a weak RSA key."""
    try:
        keys.admit_jwks(metadata.get("jwks") or {})
    except KeyRefused as error:
        raise RegistrationRefused("invalid_client_metadata", f"jwks holds a weak key: {error.hint}") from error


def unsealed(keys: Keys, unverified: str) -> str:
    """The token inside, where one comes encrypted to us. Raises: JoseError("not_decrypted")."""
    return keys.decrypt(unverified) if unverified.count(".") == 4 else unverified


def _encrypted(
    services: IdpServices, client: Client, content: str | bytes, encryption: Encryption, *, anew: bool
) -> str:
    jwks = services.client_keys.of(client, anew)
    return services.keys.encrypt(content, jwks, alg=encryption.alg, enc=encryption.enc)


def _no_key(encryption: Encryption) -> OAuthError:
    return OAuthError("invalid_request", f"the client has no key to encrypt with {encryption.alg} for")
