"""
How what we send to a client is protected, by its registration: signed with which algorithm, encrypted with which.

Source: OpenID Connect Registration §2; JARM §3; RFC 9701 §6. Clients' secrets are kept as hashes, so nothing is
encrypted with them; what is offered rests on the public keys of a client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.errors import RegistrationRefused
from idp.protocol.profiles import OIDC, Profile
from keys.handles import ContentEncryption, KeyManagement

KEY_MANAGEMENT = tuple(str(one) for one in KeyManagement)
CONTENT_ENCRYPTION = tuple(str(one) for one in ContentEncryption)
DEFAULT_CONTENT_ENCRYPTION = str(ContentEncryption.A128CBC_HS256)
MESSAGES = ("id_token", "userinfo", "authorization", "introspection")
"""What can be encrypted for a client; logout tokens go like ID tokens (Back-Channel Logout §2.4)."""
_PAIRS = {message: (f"{message}_encrypted_response_alg", f"{message}_encrypted_response_enc") for message in MESSAGES}
_SENT_TO_US = ("request_object_encryption_alg", "request_object_encryption_enc")
SIGNING = tuple(f"{message}_signed_response_alg" for message in MESSAGES)
METADATA = (*SIGNING, *(name for pair in _PAIRS.values() for name in pair), *_SENT_TO_US)
"""The client metadata that this file knows; all of them are strings."""


ON_DEMAND = ("ES384", "ES512", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87")
"""
Signed with only for clients that ask for it; the first one makes the key. Not for authorization responses, which may
travel in an address: with a signature of 2 to 5 kB that would be longer than many servers read.
"""


@dataclass(frozen=True, slots=True)
class Encryption:
    """alg: how the content key is agreed on; enc: how the content is encrypted."""

    alg: str
    enc: str


def encryptions_of(metadata: Mapping[str, Any]) -> Mapping[str, Encryption]:
    """Message → how it is encrypted, of validated metadata; what is not there goes unencrypted."""
    return {
        message: Encryption(metadata[alg], metadata[enc])
        for message, (alg, enc) in _PAIRS.items()
        if alg in metadata and enc in metadata
    }


def protection_of(metadata: Mapping[str, Any], profile: Profile) -> Mapping[str, Any]:
    """The members of a Client that say this."""
    return {
        "encryptions": encryptions_of(metadata),
        "userinfo_alg": metadata.get("userinfo_signed_response_alg"),
        "introspection_alg": metadata.get("introspection_signed_response_alg") or profile.id_token_alg,
    }


def signing_algorithms(message: str, profile: Profile) -> tuple[str, ...]:
    """What a message may be signed with for a client of that profile. Source: FAPI 2.0 §5.4.1 leaves the others out."""
    return (
        (*profile.id_token_algs, *ON_DEMAND)
        if profile is OIDC and message != "authorization"
        else profile.id_token_algs
    )


def asked_for(valid: Mapping[str, Any]) -> frozenset[str]:
    """The algorithms of validated metadata for which a key may have to be made."""
    return frozenset(valid[name] for name in SIGNING if valid.get(name) in ON_DEMAND)


def check_protection(valid: dict[str, Any], profile: Profile) -> None:
    """
    Hold the metadata against what we offer, and write defaults out.

    What a client says about the request objects it will send is checked and kept, but binds nobody (Registration §2).
    Raises:  RegistrationRefused.
    """
    for message, name in zip(MESSAGES, SIGNING, strict=True):
        if valid.get(name, profile.id_token_alg) not in signing_algorithms(message, profile):
            raise _refused(f"{name} does not agree with the profile {profile.name}")
    for alg, enc in (*_PAIRS.values(), _SENT_TO_US):
        if alg not in valid:
            if enc in valid:
                raise _refused(f"{enc} needs {alg}")
            continue
        if valid[alg] not in KEY_MANAGEMENT:
            raise _refused(f"{alg} must be one of {', '.join(KEY_MANAGEMENT)}")
        if valid.setdefault(enc, DEFAULT_CONTENT_ENCRYPTION) not in CONTENT_ENCRYPTION:
            raise _refused(f"{enc} must be one of {', '.join(CONTENT_ENCRYPTION)}")
    if encryptions_of(valid) and not (valid.get("jwks") or "jwks_uri" in valid):
        raise _refused("jwks or jwks_uri is needed to encrypt for the client")


def _refused(why: str) -> RegistrationRefused:
    return RegistrationRefused("invalid_client_metadata", why)
