"""
Rules for client metadata: types, defaults, addresses, and what belongs together.

What we do not offer is refused rather than silently dropped when a client would rely on it; fields that nobody knows
are left out (RFC 7591 §2).

Source: RFC 7591 §2; OpenID Connect Registration §2; RFC 9700 §2.1, §4.1.3; OpenID Connect Core §8.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from idp.errors import RegistrationRefused
from idp.protocol import protection
from idp.protocol.claims import SCOPES
from idp.protocol.deferred import DEFERRED_GRANTS, check_backchannel, fill_in_backchannel
from idp.protocol.details import DETAIL_TYPES
from idp.protocol.profiles import BINDS_BY_CERTIFICATE, check_profile, fill_in_profile, may_skip_pkce, profile_of
from idp.protocol.resources import is_resource
from idp.protocol.response_types import IMPLICIT, name_of, response_type_of
from idp.protocol.session_state import web_origin
from idp.protocol.tls_name import check_tls_name

_TEXTS = (
    "client_id client_name client_name#en client_uri logo_uri policy_uri tos_uri scope token_endpoint_auth_method "
    "token_endpoint_auth_signing_alg subject_type application_type jwks_uri "
    "backchannel_logout_uri frontchannel_logout_uri resource software_id software_version profile "
    "request_object_signing_alg access_token_format "
    "tls_client_auth_subject_dn tls_client_auth_san_dns tls_client_auth_san_uri tls_client_auth_san_ip "
    "tls_client_auth_san_email backchannel_token_delivery_mode backchannel_client_notification_endpoint "
    "backchannel_authentication_request_signing_alg "
    "initiate_login_uri sector_identifier_uri"
).split()
_LISTS = (
    "redirect_uris post_logout_redirect_uris grant_types response_types contacts default_acr_values "
    "authorization_details_types resources token_exchange_audiences "
    "request_uris"
).split()
TYPES: Mapping[str, type] = {
    **dict.fromkeys((*_TEXTS, *protection.METADATA), str),
    **dict.fromkeys(_LISTS, list),
    "require_auth_time": bool,
    "backchannel_logout_session_required": bool,
    "frontchannel_logout_session_required": bool,
    "require_pushed_authorization_requests": bool,
    "dpop_bound_access_tokens": bool,
    BINDS_BY_CERTIFICATE: bool,
    "require_signed_request_object": bool,
    "backchannel_user_code_parameter": bool,
    "require_pkce": bool,
    "default_max_age": int,
    "jwks": dict,
}
_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_DOCUMENT_ID = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%-]+)+")
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*")
_URI = re.compile(r"[A-Za-z0-9:/?\[\]@!$&'()+,;=._~%-]+")
WITH_A_PERSON = DEFERRED_GRANTS | {"authorization_code", IMPLICIT}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
TOKEN_FORMATS = ("jwt", "opaque")
OPERATOR_ONLY = frozenset({"resource", "resources", "token_exchange_audiences", "access_token_format"})
"""Members that open something to a client: an operator writes them (`antin client add`), never a stranger."""
BY_OWN_KEY = frozenset({"private_key_jwt", "self_signed_tls_client_auth"})
_BY_REDIRECT = frozenset({"authorization_code", IMPLICIT})
"""Grant types that begin with a person at the authorization endpoint."""
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
LONGEST_NAME = 120
MOST_ADDRESSES = 20
MOST_CHARACTERS = 2000


def is_client_id(given: object) -> bool:
    """Whether a client can be called that."""
    return isinstance(given, str) and (_CLIENT_ID.fullmatch(given) is not None or is_document_id(given))


def is_document_id(given: str) -> bool:
    """
    Whether a client of that name would be described at that address (flows/client_documents.py). At most 80 characters,
    as every client_id.

    Source: draft-ietf-oauth-client-id-metadata-document §3: https, a path, no credentials, fragment or dot segments.
    """
    return _DOCUMENT_ID.fullmatch(given) is not None and len(given) <= 80 and not {".", ".."} & set(given.split("/"))


def check_client_id(client_id: Any) -> None:
    """Raises: RegistrationRefused."""
    if not isinstance(client_id, str) or _CLIENT_ID.fullmatch(client_id) is None:
        raise _refused("client_id", "must be 1 to 80 letters, digits, dots, dashes and underscores")


def validated(unverified: Mapping[str, Any], *, has_organisation: bool, pkce_required: bool = True) -> dict[str, Any]:
    """
    Complete, consistent metadata of a client, with every default written out.

    pkce_required: what require_pkce is where the registration does not say and the client could do without.

    Raises:  RegistrationRefused.
    """
    _check_types(unverified)
    valid = {name: unverified[name] for name in TYPES if name in unverified}
    _fill_in(valid)
    _check_grants(valid)
    _check_pkce(valid, pkce_required=pkce_required)
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        for uri in valid.get(name, ()):
            check_address(name, uri)
    for name in (
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
        "backchannel_client_notification_endpoint",
        "jwks_uri",
        "sector_identifier_uri",
    ):
        if name in valid:
            check_address(name, valid[name])
    _check_front_channel(valid)
    for uri in valid.get("request_uris", ()):
        check_address("request_uris", uri.partition("#")[0])
    if "initiate_login_uri" in valid:
        check_address("initiate_login_uri", valid["initiate_login_uri"], loopback=False)
    if not shown_as_written(valid.get("client_name", "")) or not shown_as_written(valid.get("client_name#en", "")):
        raise _refused("client_name", f"must be plain text of at most {LONGEST_NAME} characters")
    for name in ("client_uri", "logo_uri", "policy_uri", "tos_uri"):
        if name in valid and not str(valid[name]).startswith(("https://", "http://")):
            raise _refused(name, "must be a web address")
    _check_keys(valid)
    check_tls_name(valid)
    _check_sector(valid, has_organisation=has_organisation)
    return valid


def shown_as_written(name: str) -> bool:
    """
    Whether a page can show this name as it is: nothing invisible, nothing that turns the letters around it, not long.

    Source: Unicode TR 36 §2.6 (bidirectional text spoofing).
    """
    return len(name) <= LONGEST_NAME and not any(category(character) in _INVISIBLE for character in name)


def check_address(name: str, uri: str, *, loopback: bool = True) -> None:
    """
    An address that people or notices are sent to: https, or http on this very machine; exact, never a pattern.

    loopback: whether http on this very machine is accepted at all.

    Raises:  RegistrationRefused: also for `javascript:` and `data:` in any spelling, fragments, wildcards, credentials.
    """
    try:
        parts = urlsplit(uri)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise _refused(name, "is not an address") from None
    if not _URI.fullmatch(uri) or len(uri) > MOST_CHARACTERS or not host:
        raise _refused(name, "must be an absolute address without fragment, wildcard, space or control characters")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused(name, "must not hold credentials or a fragment")
    if not (uri.startswith("https://") or (loopback and uri.startswith("http://") and host in _LOOPBACK)):
        raise _refused(name, "must be https; http is for localhost alone" if loopback else "must be https")


def _check_types(unverified: Mapping[str, Any]) -> None:
    for name, value in unverified.items():
        wanted = TYPES.get(name)
        if wanted is None:
            continue
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise _refused(name, f"must be of type {wanted.__name__}")
        if isinstance(value, int) and value < 0:
            raise _refused(name, "must not be negative")
        if isinstance(value, list) and (
            len(value) > MOST_ADDRESSES or not all(isinstance(item, str) and item for item in value)
        ):
            raise _refused(name, f"must hold at most {MOST_ADDRESSES} strings")
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise _refused(name, "is too long")


def _fill_in(valid: dict[str, Any]) -> None:
    profile = profile_of(valid)
    fill_in_profile(valid, profile)
    check_profile(valid, profile)
    protection.check_protection(valid, profile)
    by_code = "authorization_code" in valid["grant_types"]
    by_person = bool(WITH_A_PERSON & set(valid["grant_types"]))
    valid.setdefault("response_types", ["code"] if by_code else [])
    valid["response_types"] = [name_of(given) for given in valid["response_types"]]
    fill_in_backchannel(valid)
    check_backchannel(valid, profile.algorithms, must_sign=profile.binds)
    valid.setdefault("subject_type", "pairwise")
    if "scope" not in valid:
        words = ["openid", "profile", "email", "phone", "address"] if by_person else []
        valid["scope"] = " ".join([*words, *(["offline_access"] if "refresh_token" in valid["grant_types"] else [])])
    if valid["scope"] and not _SCOPE.fullmatch(valid["scope"]):
        raise _refused("scope", "is malformed")


def _check_grants(valid: Mapping[str, Any]) -> None:
    grants, public = set(valid["grant_types"]), valid["token_endpoint_auth_method"] == "none"
    _check_response_types(valid)
    if grants & _BY_REDIRECT and not valid.get("redirect_uris"):
        raise RegistrationRefused("invalid_redirect_uri", "redirect_uris is missing")
    if "client_credentials" in grants and public:
        raise _refused("grant_types", "a public client cannot use client_credentials")
    if "refresh_token" in grants and not grants & (WITH_A_PERSON - {IMPLICIT}):
        raise _refused("grant_types", "refresh_token needs a grant that involves a person")
    if not set(valid.get("authorization_details_types", ())) <= DETAIL_TYPES.keys():
        raise _refused("authorization_details_types", "holds a type that is not supported")
    if not grants & WITH_A_PERSON and set(valid["scope"].split()) & SCOPES.keys():
        raise _refused("scope", "needs a person, but no grant type involves one")
    for name in ("resource", "resources", "token_exchange_audiences"):
        given = valid.get(name, ())
        if not all(is_resource(each) for each in ([given] if isinstance(given, str) else given)):
            raise _refused(name, "must be an absolute address without a fragment")
    if valid.get("access_token_format", "jwt") not in TOKEN_FORMATS:
        raise _refused("access_token_format", f"must be one of {', '.join(TOKEN_FORMATS)}")


def _check_response_types(valid: Mapping[str, Any]) -> None:
    """Each response type brings its grant types (OpenID Connect Registration §2); tokens here are bound to no key."""
    types = [response_type_of(given) for given in valid["response_types"]]
    known = [one for one in types if one is not None]
    if len(known) < len(types):
        raise _refused("response_types", "holds one that is not offered")
    needed = frozenset(grant for one in known for grant in one.grant_types)
    if needed != _BY_REDIRECT & set(valid["grant_types"]):
        raise _refused("response_types", "must agree with grant_types")
    binds = valid.get("dpop_bound_access_tokens") or valid.get(BINDS_BY_CERTIFICATE)
    if binds and any(one.has_token for one in known):
        raise _refused("response_types", "must not hand out a token that cannot be bound")


def _check_pkce(valid: dict[str, Any], *, pkce_required: bool) -> None:
    """Writes out require_pkce for clients that redeem codes. Raises: RegistrationRefused: this client needs it."""
    if "authorization_code" not in valid["grant_types"]:
        return
    may_skip = may_skip_pkce(valid, profile_of(valid))
    if not valid.setdefault("require_pkce", pkce_required or not may_skip) and not may_skip:
        raise _refused("require_pkce", "may be false for confidential clients of the profile oidc alone")


def _check_keys(valid: Mapping[str, Any]) -> None:
    jwks = valid.get("jwks")
    if jwks is not None and "jwks_uri" in valid:
        raise _refused("jwks", "and jwks_uri exclude each other")
    signs = (
        valid["token_endpoint_auth_method"] in BY_OWN_KEY
        or valid.get("require_signed_request_object")
        or "backchannel_authentication_request_signing_alg" in valid
    )
    if signs and not (jwks or "jwks_uri" in valid):
        raise _refused("jwks", "or jwks_uri is needed to check what the client signs")
    if jwks is None:
        return
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise _refused("jwks", "must be a JWK set")
    if any(_SECRET_MEMBERS & key.keys() for key in keys):
        raise _refused("jwks", "must hold public keys only")


def _check_sector(valid: Mapping[str, Any], *, has_organisation: bool) -> None:
    hosts = {urlsplit(uri).hostname for uri in valid.get("redirect_uris", ())}
    joined = has_organisation or "sector_identifier_uri" in valid
    if valid["subject_type"] == "pairwise" and len(hosts) > 1 and not joined:
        raise _refused(
            "redirect_uris", "on several hosts need sector_identifier_uri, an organisation, or subject_type public"
        )


def _check_front_channel(valid: Mapping[str, Any]) -> None:
    """It is loaded into our page, so it belongs to an origin of the service (Front-Channel Logout §2)."""
    uri = valid.get("frontchannel_logout_uri")
    if uri is not None and web_origin(uri) not in {web_origin(one) for one in valid.get("redirect_uris", ())}:
        raise _refused("frontchannel_logout_uri", "must have scheme, host and port of one of the redirect_uris")


def _refused(name: str, why: str) -> RegistrationRefused:
    code = "invalid_redirect_uri" if name == "redirect_uris" else "invalid_client_metadata"
    return RegistrationRefused(code, f"{name} {why}")
