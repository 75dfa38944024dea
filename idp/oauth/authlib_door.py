"""
The only file of the provider that imports Authlib: what it validates and computes well, and nothing of its own flow.

Not used, on purpose (each was seen to fail): its grants (a code is looked up, tokens are saved, then the code is
deleted, so that parallel requests all succeed), its PKCE extension (`plain` by default), its SQLAlchemy mixins (secrets
in clear), its IssuerParameter (`iss` in the query of fragment responses), authlib.jose (deprecated).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc7591 import ClientMetadataClaims as OAuthMetadata
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.registration import ClientMetadataClaims as OpenIDMetadata
from joserfc.errors import JoseError

from idp.errors import RegistrationRefused


def s256_challenge(verifier: str) -> str:
    """The S256 code challenge of a verifier (RFC 7636 §4.2)."""
    return str(create_s256_code_challenge(verifier))


def check_metadata(metadata: Mapping[str, Any], *, values: Mapping[str, list[str]]) -> None:
    """
    Check the shape of client metadata: types, addresses, exclusions, values within what the server offers.

    values: metadata of the server by its RFC 8414 names (`response_types_supported`, …). Its scopes are left out: a
            machine client may be registered for scopes of its own resource.
    Raises: RegistrationRefused.
    Source: RFC 7591 §2; OpenID Connect Registration §2.
    """
    offered = {name: value for name, value in values.items() if name != "scopes_supported"}
    for kind in (OAuthMetadata, OpenIDMetadata):
        options = kind.get_claims_options(offered)
        claims = kind(dict(metadata), {}, options, offered)
        try:
            claims.validate()
        except JoseError as error:
            name = str(getattr(error, "claim", "") or "metadata")
            raise RegistrationRefused(
                "invalid_redirect_uri" if name == "redirect_uris" else "invalid_client_metadata",
                f"{name} is not valid",
            ) from error
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            # A key set of strange kinds ({"kty": []}) is more than the validators of the library expect.
            raise RegistrationRefused("invalid_client_metadata", "metadata is not valid") from error
