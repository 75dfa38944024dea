"""
The profile of a client: one word that sets all its rules. Pure; registration checks it, and every request is held to
it, whatever the client's other metadata say.

oidc:    what OpenID Connect allows, within our own rules.
fapi2:   FAPI 2.0 Security Profile: requests are pushed, keys instead of secrets, tokens bound to a key.
machine: acts for itself alone; no person, no redirect.

Source: FAPI 2.0 Security Profile Final §5.3.2, §5.4.1; RFC 9700 §2.5 (asymmetric client authentication).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.errors import RegistrationRefused
from idp.protocol.deferred import DEFERRED_GRANTS, DEVICE_CODE

BY_KEY = frozenset({"private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"})
BY_SECRET = frozenset({"client_secret_basic", "client_secret_post"})
BY_NAME = frozenset({"none"})
BINDS_BY_CERTIFICATE = "tls_client_certificate_bound_access_tokens"
STRONG_ALGORITHMS = ("ES256", "PS256", "EdDSA")
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ANY_ALGORITHM = (*STRONG_ALGORITHMS, "RS256")


@dataclass(frozen=True, slots=True)
class Profile:
    """
    auth_methods:  ways to authenticate; the first word of `default_method` is taken where none is named.
    grant_types:   what it may be registered for; default_grants: where nothing is named.
    algorithms:    of whatever the client signs (assertions, request objects).
    id_token_alg:  of what we sign for it (ID tokens, responses, userinfo) where nothing is named; id_token_algs: what
                   may be (protection.py).
    pushes:        authorization requests count only when they were pushed.
    binds:         access tokens are bound, to a key (DPoP) or to a certificate (mutual TLS).
    rotates:       refresh tokens are used once. Not needed where they are bound to a client that proves its key, and
                   then a lost answer costs nothing.
    bounds_objects: its request objects must say when they begin and end, and live an hour at most.
    may_skip_pkce: a confidential client may be registered without PKCE.
    names_issuer:  its assertions are meant for our issuer; else they may name our token endpoint instead.
    """

    name: str
    auth_methods: frozenset[str]
    default_method: str
    grant_types: frozenset[str]
    default_grants: tuple[str, ...]
    algorithms: tuple[str, ...]
    id_token_alg: str
    id_token_algs: tuple[str, ...]
    pushes: bool
    binds: bool
    rotates: bool
    bounds_objects: bool
    may_skip_pkce: bool
    names_issuer: bool


OIDC = Profile(
    name="oidc",
    auth_methods=BY_KEY | BY_SECRET | BY_NAME,
    default_method="client_secret_basic",
    grant_types=DEFERRED_GRANTS
    | {"authorization_code", "refresh_token", "client_credentials", TOKEN_EXCHANGE, JWT_BEARER, "implicit"},
    default_grants=("authorization_code",),
    algorithms=ANY_ALGORITHM,
    id_token_alg="RS256",  # OpenID Connect Registration §2
    id_token_algs=ANY_ALGORITHM,
    pushes=False,
    binds=False,
    rotates=True,
    bounds_objects=False,
    may_skip_pkce=True,
    names_issuer=False,
)
FAPI2 = Profile(
    name="fapi2",
    auth_methods=BY_KEY,
    default_method="private_key_jwt",
    # FAPI knows no flow without a bound redirect or a signed request, and no token in the front channel (§5.3.2.2).
    grant_types=OIDC.grant_types - {DEVICE_CODE, "implicit"},
    default_grants=("authorization_code",),
    algorithms=STRONG_ALGORITHMS,
    id_token_alg="ES256",
    id_token_algs=STRONG_ALGORITHMS,
    pushes=True,
    binds=True,
    rotates=False,  # FAPI 2.0 Security Profile §5.3.2.1: no rotation but in extraordinary circumstances
    bounds_objects=True,
    may_skip_pkce=False,
    names_issuer=True,
)
MACHINE = Profile(
    name="machine",
    auth_methods=BY_KEY | BY_SECRET,
    default_method="client_secret_basic",
    grant_types=frozenset({"client_credentials", TOKEN_EXCHANGE, JWT_BEARER}),
    default_grants=("client_credentials",),
    algorithms=STRONG_ALGORITHMS,
    id_token_alg="ES256",
    id_token_algs=STRONG_ALGORITHMS,
    pushes=False,
    binds=False,
    rotates=True,
    bounds_objects=False,
    may_skip_pkce=False,
    names_issuer=True,
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (OIDC, FAPI2, MACHINE)}


def profile_of(metadata: Mapping[str, Any]) -> Profile:
    """Raises: RegistrationRefused: no such profile."""
    found = PROFILES.get(metadata.get("profile", OIDC.name))
    if found is None:
        raise RegistrationRefused("invalid_client_metadata", f"profile must be one of {', '.join(PROFILES)}")
    return found


def may_skip_pkce(metadata: Mapping[str, Any], profile: Profile) -> bool:
    """
    Whether such a client can do without PKCE: it proves who it is when it redeems a code, and checks the nonce.

    Source: RFC 9700 §2.1.1 (public clients must use PKCE, confidential ones should).
    """
    return profile.may_skip_pkce and metadata["token_endpoint_auth_method"] != "none"


def fill_in_profile(valid: dict[str, Any], profile: Profile) -> None:
    """Write out what the profile sets, where the registration says nothing."""
    valid["profile"] = profile.name
    valid.setdefault("grant_types", list(profile.default_grants))
    valid.setdefault("token_endpoint_auth_method", profile.default_method)
    valid.setdefault("id_token_signed_response_alg", profile.id_token_alg)
    if profile.pushes and "authorization_code" in valid["grant_types"]:
        valid.setdefault("require_pushed_authorization_requests", True)
    if profile.binds and not valid.get(BINDS_BY_CERTIFICATE):
        valid.setdefault("dpop_bound_access_tokens", True)


def check_profile(valid: Mapping[str, Any], profile: Profile) -> None:
    """
    A registration must not ask for less than its profile.

    Raises:  RegistrationRefused.
    """
    if valid["token_endpoint_auth_method"] not in profile.auth_methods:
        raise _refused("token_endpoint_auth_method", profile)
    if not set(valid["grant_types"]) <= profile.grant_types:
        raise _refused("grant_types", profile)
    if valid.get("request_object_signing_alg", profile.algorithms[0]) not in profile.algorithms:
        raise _refused("request_object_signing_alg", profile)
    if profile.pushes and valid.get("require_pushed_authorization_requests") is False:
        raise _refused("require_pushed_authorization_requests", profile)
    if profile.binds and not (valid.get("dpop_bound_access_tokens") or valid.get(BINDS_BY_CERTIFICATE)):
        raise _refused("dpop_bound_access_tokens", profile)


def _refused(name: str, profile: Profile) -> RegistrationRefused:
    return RegistrationRefused("invalid_client_metadata", f"{name} does not agree with the profile {profile.name}")
