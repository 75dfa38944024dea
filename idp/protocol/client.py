"""A relying party as every rule sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from base.texts import Text
from idp.protocol.deferred import NO_BACKCHANNEL, Backchannel, backchannel_of
from idp.protocol.profiles import BINDS_BY_CERTIFICATE, Profile, may_skip_pkce, profile_of
from idp.protocol.protection import Encryption, protection_of

TLS_NAMES = ("subject_dn", "san_dns", "san_uri", "san_ip", "san_email")


@dataclass(frozen=True, slots=True)
class Client:
    """
    Validated registration of a relying party (RFC 7591, OpenID Connect Registration), frozen and safe to cache.

    secret_hash:   base/ids.py hash of the client secret; None for public clients and for key-based authentication.
    sector:        what pairwise subjects are computed over (sector_of).
    resource:      audience of this client's access tokens where none is named; None means the issuer. A resource
                   server is registered with its own address, and may introspect what is meant for it.
    resources:     every audience that it may name (RFC 8707), `resource` among them.
    exchange_audiences: resources it may exchange a person's token for, when that token was sent to it (RFC 8693).
    opaque_tokens: its access tokens are handles that only we can read, instead of JWTs.
    profile:       the word that sets all its rules (profiles.py).
    require_pushed: authorization requests count only when they were pushed (RFC 9126 §6).
    require_pkce:  a code is handed out only against an S256 challenge.
    require_signed: authorization requests count only when they are signed (RFC 9101 §10.5).
    object_algs:   algorithms its request objects may be signed with; response_alg: of responses we sign for it (JARM).
    dpop_bound:    its access tokens are bound to a key, always (RFC 9449 §5.2).
    certificate_bound: the same with the certificate it uses in TLS (RFC 8705 §3.4).
    tls_name:      kind (subject_dn, san_dns, san_uri, san_ip, san_email) and value of the name in its certificate.
    backchannel:   how it asks people who answer on another device (CIBA).
    encryptions:   what is encrypted for it, and how (protection.py: MESSAGES).
    userinfo_alg:  userinfo answers are signed with it; None: plain JSON.
    introspection_alg: of introspection answers it asks to be signed.
    purpose:       why it asks for a person's data; shown on the consent page.
    trusted:       part of this system itself: its consent page is skipped (never for authorization details).
    unverified:    it registered itself and nobody has looked at it; the consent page says so.
    logo:          local address of its logo, "" without one; browsers never load logo_uri itself.
    request_uris:  addresses of request objects, without their fragments (RFC 9101 §5.2).
    document_until: epoch seconds until which its document need not be read again; 0 where it is not known by one.
    initiate_login_uri: where a sign-in can be begun from elsewhere (OpenID Connect Core §4).
    """

    client_id: str
    secret_hash: str | None
    name: str
    name_en: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: frozenset[str]
    response_types: frozenset[str]
    scope: frozenset[str]
    token_endpoint_auth_method: str
    id_token_alg: str
    subject_type: str
    sector: str
    organisation_id: str | None
    purpose: Text
    trusted: bool
    disabled: bool
    backchannel_logout_uri: str | None
    backchannel_logout_session_required: bool
    frontchannel_logout_uri: str | None
    client_uri: str | None
    logo_uri: str | None
    policy_uri: str | None
    tos_uri: str | None
    default_max_age: int | None
    require_auth_time: bool
    default_acr_values: tuple[str, ...]
    authorization_details_types: frozenset[str]
    jwks: Mapping[str, Any] | None
    jwks_uri: str | None
    resource: str | None
    resources: frozenset[str]
    exchange_audiences: frozenset[str]
    opaque_tokens: bool
    origins: frozenset[str]
    profile: Profile
    require_pushed: bool
    dpop_bound: bool
    require_signed: bool
    object_algs: tuple[str, ...]
    response_alg: str
    require_pkce: bool
    encryptions: Mapping[str, Encryption]
    userinfo_alg: str | None
    introspection_alg: str
    unverified: bool
    logo: str
    request_uris: frozenset[str]
    initiate_login_uri: str | None
    document_until: int
    certificate_bound: bool = False
    tls_name: tuple[str, str] | None = None
    backchannel: Backchannel = NO_BACKCHANNEL

    @property
    def is_public(self) -> bool:
        """Whether it cannot keep a secret (RFC 6749 §2.1)."""
        return self.token_endpoint_auth_method == "none"

    @property
    def key_owner(self) -> str:
        """Whose keys `jwks` and `jwks_uri` are."""
        return self.client_id

    @property
    def title(self) -> Text:
        """Its name in both languages."""
        return Text(self.name, self.name_en or self.name)


def sector_of(metadata: Mapping[str, Any], organisation_id: str | None) -> str:
    """
    The sector of a registration: its organisation; without one the host of the document it is known by, or of its
    sector_identifier_uri; without that the host of its redirect addresses.

    One agency is one sector, however many services it runs: a sector_identifier_uri is checked, but does not take a
    service out of its agency's sector, nor bring a stranger into it.

    Source: OpenID Connect Core §8.1.
    """
    if organisation_id:
        return f"org:{organisation_id}"
    if metadata["client_id"].startswith("https://"):
        return urlsplit(metadata["client_id"]).hostname or ""
    if "sector_identifier_uri" in metadata:
        return urlsplit(metadata["sector_identifier_uri"]).hostname or ""
    hosts = sorted({urlsplit(uri).hostname or "" for uri in metadata.get("redirect_uris", ())})
    return hosts[0] if hosts else f"client:{metadata['client_id']}"


def origins_of(redirect_uris: tuple[str, ...]) -> frozenset[str]:
    """The web origins a browser application of this client may call us from."""
    parts = (urlsplit(uri) for uri in redirect_uris)
    return frozenset(f"{part.scheme}://{part.netloc}" for part in parts)


def tls_name_of(metadata: Mapping[str, Any]) -> tuple[str, str] | None:
    """The one name by which its certificate is known (RFC 8705 §2.1.2)."""
    found = [(kind, metadata[f"tls_client_auth_{kind}"]) for kind in TLS_NAMES if f"tls_client_auth_{kind}" in metadata]
    return found[0] if len(found) == 1 else None


def _binding(metadata: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    """What its tokens are bound to. A profile that binds falls back on keys, whatever the metadata say."""
    by_certificate = bool(metadata.get(BINDS_BY_CERTIFICATE))
    by_key = bool(metadata.get("dpop_bound_access_tokens")) or (profile.binds and not by_certificate)
    return {"dpop_bound": by_key, "certificate_bound": by_certificate, "tls_name": tls_name_of(metadata)}


def _only(named: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The one algorithm that was named, as far as it is allowed; all of them where none was."""
    return allowed if named is None else tuple(alg for alg in allowed if alg == named)


_AS_REGISTERED = (
    "backchannel_logout_uri frontchannel_logout_uri client_uri logo_uri policy_uri tos_uri default_max_age jwks "
    "jwks_uri resource initiate_login_uri"
).split()
"""Fields that are what the metadata say, None where they say nothing."""


def _as_registered(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Those members, lists that stay in order, and the addresses of request objects without their fragments."""
    request_uris = frozenset(uri.partition("#")[0] for uri in metadata.get("request_uris", ()))
    lists = {name: tuple(metadata.get(name, ())) for name in ("post_logout_redirect_uris", "default_acr_values")}
    return {**{name: metadata.get(name) for name in _AS_REGISTERED}, **lists, "request_uris": request_uris}


def client_from(
    metadata: Mapping[str, Any],
    *,
    secret_hash: str | None = None,
    organisation_id: str | None = None,
    purpose: Text = Text("", ""),  # noqa: B008 - frozen value
    trusted: bool = False,
    disabled: bool = False,
    unverified: bool = False,
    logo: str = "",
    document_until: int = 0,
) -> Client:
    """A Client of validated metadata (flows/register_client.py) and its row."""
    redirect_uris, profile = tuple(metadata.get("redirect_uris", ())), profile_of(metadata)
    return Client(
        **_as_registered(metadata),
        client_id=metadata["client_id"],
        secret_hash=secret_hash,
        name=metadata.get("client_name") or metadata["client_id"],
        name_en=metadata.get("client_name#en", ""),
        redirect_uris=redirect_uris,
        grant_types=frozenset(metadata["grant_types"]),
        response_types=frozenset(metadata["response_types"]),
        scope=frozenset(metadata.get("scope", "").split()),
        token_endpoint_auth_method=metadata["token_endpoint_auth_method"],
        id_token_alg=metadata["id_token_signed_response_alg"],
        subject_type=metadata["subject_type"],
        sector=sector_of(metadata, organisation_id),
        organisation_id=organisation_id,
        purpose=purpose,
        trusted=trusted,
        disabled=disabled,
        backchannel_logout_session_required=bool(metadata.get("backchannel_logout_session_required")),
        require_auth_time=bool(metadata.get("require_auth_time")),
        authorization_details_types=frozenset(metadata.get("authorization_details_types", ())),
        resources=frozenset({metadata.get("resource"), *metadata.get("resources", ())} - {None}),
        exchange_audiences=frozenset(metadata.get("token_exchange_audiences", ())),
        opaque_tokens=metadata.get("access_token_format") == "opaque",
        origins=origins_of(redirect_uris),
        profile=profile,
        require_pushed=profile.pushes or bool(metadata.get("require_pushed_authorization_requests")),
        **_binding(metadata, profile),
        require_signed=bool(metadata.get("require_signed_request_object")),
        object_algs=_only(metadata.get("request_object_signing_alg"), profile.algorithms),
        response_alg=metadata.get("authorization_signed_response_alg") or profile.id_token_alg,
        backchannel=backchannel_of(metadata),
        require_pkce=metadata.get("require_pkce", True) or not may_skip_pkce(metadata, profile),
        **protection_of(metadata, profile),
        unverified=unverified,
        logo=logo,
        document_until=document_until,
    )
