"""
The tables of the identity provider.

Secrets (codes, refresh tokens, session cookies, client secrets) are present only as hashes (base/ids.py: hash_secret).
Times are epoch seconds, UTC. JSON columns are text written with sorted keys.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
    text,
)

from base.db import metadata

ID = String(40)
HASH = String(43)

organisations = Table(
    "organisations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", String(40), nullable=False, unique=True),
    Column("name_vi", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("parent_id", ID, ForeignKey("organisations.id")),
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),  # internal, immutable; never leaves in a token (pairwise sub instead)
    Column("username", String(120), nullable=False, unique=True),  # NFC, case-folded
    Column("full_name", String(200), nullable=False),  # NFC, shown as issued
    Column("email", String(254)),
    Column("email_verified", Boolean, nullable=False, server_default=false()),
    Column("phone", String(20)),
    Column("phone_verified", Boolean, nullable=False, server_default=false()),
    Column("birthdate", String(10)),
    Column("gender", String(20)),
    Column("address", Text),
    Column("locale", String(8), nullable=False, server_default="vi"),
    Column("attributes", Text),  # JSON object of further standard claims (nickname, website, …), or NULL
    Column("password_hash", String(200), nullable=False),  # Argon2id, PHC string
    Column("status", String(12), nullable=False),  # active | disabled
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id"), nullable=False, index=True),
    Column("organisation_id", ID, ForeignKey("organisations.id"), nullable=False),
    Column("title_vi", String(120), nullable=False),
    Column("title_en", String(120), nullable=False),
    Column("from_at", BigInteger, nullable=False),
    Column("to_at", BigInteger),
)

totp_credentials = Table(
    "totp_credentials",
    metadata,
    Column("user_id", ID, ForeignKey("users.id"), primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),  # keys.api seal(), context "idp.totp|<user_id>"
    Column("last_timecode", BigInteger, nullable=False),  # highest step spent; moved by one conditional UPDATE
    Column("created_at", BigInteger, nullable=False),
)

throttle_buckets = Table(
    "throttle_buckets",
    metadata,
    Column("key", String(120), primary_key=True),  # MAC of account × network × device, never the values themselves
    Column("failures", Integer, nullable=False),
    Column("window_started_at", BigInteger, nullable=False),
    Column("strikes", Integer, nullable=False),  # blocks in a row; each is longer than the one before
    Column("blocked_until", BigInteger, nullable=False),
    Index("ix_throttle_buckets_window_started_at", "window_started_at"),
)

known_devices = Table(
    "known_devices",
    metadata,
    Column("user_id", ID, ForeignKey("users.id"), primary_key=True),
    Column("device", HASH, primary_key=True),  # MAC of the browser cookie; a browser this person has signed in from
    Column("last_used_at", BigInteger, nullable=False),
)

clients = Table(
    "clients",
    metadata,
    Column("client_id", String(80), primary_key=True),
    Column("secret_hash", HASH),  # SHA-256: client secrets are machine-made with 256 bits
    Column("metadata", Text, nullable=False),  # validated RFC 7591 metadata, JSON
    Column("organisation_id", ID, ForeignKey("organisations.id")),
    Column("purpose_vi", String(300), nullable=False, server_default=""),
    Column("purpose_en", String(300), nullable=False, server_default=""),
    Column("trusted", Boolean, nullable=False, server_default=false()),  # part of this system: consent page is skipped
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("registered_by", String(8)),  # token | open | document; NULL: an administrator
    Column("policy", String(40)),  # name of the policy it stands under (protocol/registration_policies.py)
    Column("registration_token_hash", HASH),  # of what manages it (RFC 7592); NULL: only commands do
    Column("document_until", BigInteger),  # known by its document: when that has to be read again
    Column("deleted_at", BigInteger, index=True),  # gone for everybody; the row stays until nothing hangs on it
)

client_logos = Table(
    "client_logos",
    metadata,
    Column("client_id", String(80), ForeignKey("clients.client_id"), primary_key=True),
    Column("digest", HASH, nullable=False, index=True),  # SHA-256 of the image, its address with us
    Column("image", LargeBinary, nullable=False),  # PNG, made anew from what was fetched
)

initial_access_tokens = Table(
    "initial_access_tokens",
    metadata,
    Column("token_hash", HASH, primary_key=True),
    Column("policy", String(40), nullable=False),
    Column("organisation_id", ID, ForeignKey("organisations.id")),
    Column("uses_left", Integer, nullable=False),  # spent by one conditional UPDATE
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("secret_hash", HASH, nullable=False, unique=True),  # of the cookie value
    Column("user_id", ID, ForeignKey("users.id"), nullable=False, index=True),
    Column("factors", Text, nullable=False),  # JSON: RFC 8176 method → when last proven, {"pwd": 1764000000}
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("ended_at", BigInteger),
    Column("network", String(64), nullable=False),  # address as the person may recognise it; purged with the row
    Column("device", String(200), nullable=False),  # short description made from the user agent
    Index(
        "ix_sessions_living",  # what the background job looks through for sessions whose time is over
        "expires_at",
        postgresql_where=text("ended_at IS NULL"),
        sqlite_where=text("ended_at IS NULL"),
    ),
)

session_clients = Table(
    "session_clients",
    metadata,
    Column("session_id", ID, ForeignKey("sessions.id"), primary_key=True),
    Column("client_id", String(80), ForeignKey("clients.client_id"), primary_key=True),
    Column("sid", String(40), nullable=False),  # the `sid` claim this client knows; differs per client; "": none yet
    Column("sid_elsewhere", String(40)),  # the one of sign-ins on other devices that this session approved
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("logout_delivery", String(40)),  # outbox.id of the logout notice, set when the session ends
    Index("ix_session_clients_sid", "sid"),  # a logout request names its session by sid
    Index("ix_session_clients_sid_elsewhere", "sid_elsewhere"),  # a backchannel request names its person by it
)

consents = Table(
    "consents",
    metadata,
    Column("user_id", ID, ForeignKey("users.id"), primary_key=True),
    Column("client_id", String(80), ForeignKey("clients.client_id"), primary_key=True),
    Column("scope", String(1000), nullable=False),
    Column("claims", Text, nullable=False),  # JSON list of claim names granted through the claims parameter
    Column("text_version", String(20), nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

grants = Table(
    "grants",
    metadata,
    Column("id", ID, primary_key=True),  # one authorization and the whole family of tokens that came from it
    Column("client_id", String(80), ForeignKey("clients.client_id"), nullable=False),
    Column("user_id", ID, ForeignKey("users.id"), nullable=False),
    Column("session_id", ID, ForeignKey("sessions.id"), index=True),  # NULL: made without a browser session
    Column("scope", String(1000), nullable=False),
    Column("details", Text, nullable=False),  # JSON, see protocol/authorization.py
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),  # the reaper goes by it
    Column("revoked_at", BigInteger),
    Index("ix_grants_user_id_client_id", "user_id", "client_id"),
)

resources = Table(
    "resources",
    metadata,
    Column("identifier", String(300), primary_key=True),  # the address that `resource` and `aud` name
    Column("name_vi", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("scopes", Text, nullable=False),  # JSON: scope → [what it allows in Vietnamese, in English]
    Column("created_at", BigInteger, nullable=False),
)

trusted_issuers = Table(
    "trusted_issuers",
    metadata,
    Column("issuer", String(300), primary_key=True),  # the `iss` of its assertions
    Column("description", Text, nullable=False),  # JSON as the operator wrote it, see protocol/trusted_issuers.py
    Column("created_at", BigInteger, nullable=False),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("token_hash", HASH, primary_key=True),  # opaque ones only; a JWT is not stored
    Column("grant_id", ID, ForeignKey("grants.id"), index=True),  # NULL: a machine's token
    Column("claims", Text, nullable=False),  # JSON: what a JWT would hold
    Column("expires_at", BigInteger, nullable=False, index=True),
)

pushed_requests = Table(
    "pushed_requests",
    metadata,
    Column("reference", HASH, primary_key=True),  # hash of the request_uri, which opens it
    Column("client_id", String(80), nullable=False),
    Column("parameters", Text, nullable=False),  # JSON object, judged when it was pushed and again when it is used
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("used_at", BigInteger),  # set by the transaction that grants
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("code_hash", HASH, primary_key=True),
    Column("grant_id", ID, ForeignKey("grants.id"), nullable=False, index=True),  # deleting a grant looks here
    Column("client_id", String(80), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", HASH),  # NULL: the client is registered without PKCE and sent none
    Column("dpop_jkt", HASH),  # thumbprint of the key the client said it would use (RFC 9449 §10)
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("redeemed_at", BigInteger),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", HASH, primary_key=True),
    Column("grant_id", ID, ForeignKey("grants.id"), nullable=False, index=True),
    Column("client_id", String(80), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("dpop_jkt", HASH),  # thumbprint of the key it is bound to; only for clients that cannot authenticate
    Column("x5t", HASH),  # the same for the certificate
    Column("used_by", HASH),  # thumbprint of what its sender held when it was used: who may have the answer again
)

deferred_requests = Table(
    "deferred_requests",
    metadata,
    Column("id", ID, primary_key=True),  # names the request on our own pages; opens nothing
    Column("kind", String(8), nullable=False),  # device (RFC 8628) | ciba
    Column("secret_hash", HASH, nullable=False, unique=True),  # of the device_code or auth_req_id
    Column("user_code_mac", HASH, unique=True),  # MAC of the code a person enters; NULL where there is none
    Column("client_id", String(80), nullable=False),
    Column("user_id", ID, ForeignKey("users.id"), index=True),  # who is asked (ciba), or who has answered
    Column("parameters", Text, nullable=False),  # JSON object, judged when it came and again before it is shown
    Column("dpop_jkt", HASH),  # thumbprint of the key that came with the request and must come for the tokens
    Column("sealed_notice", LargeBinary),  # ciba ping: auth_req_id and the client's token, keys.api seal()
    Column("state", String(8), nullable=False),  # waiting | allowed | denied; moved by one conditional UPDATE
    Column("grant_id", ID, ForeignKey("grants.id"), index=True),
    Column("interval_seconds", Integer, nullable=False),  # grows with each poll that came too soon
    Column("last_polled_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("decided_at", BigInteger),
    Column("redeemed_at", BigInteger),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("jti", String(40), primary_key=True),  # access tokens are not stored; only a revoked one leaves a row
    Column("expires_at", BigInteger, nullable=False),
)

spent_identifiers = Table(
    "spent_identifiers",
    metadata,
    Column("key", HASH, primary_key=True),  # of kind and identifier: what may be used once and is no row itself
    Column("expires_at", BigInteger, nullable=False, index=True),
)
