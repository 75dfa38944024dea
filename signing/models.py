"""
The tables of the signing desk.

Times are epoch seconds, UTC; digests are hexadecimal SHA-256; secrets are present only as hashes or sealed. `owner` is
the pairwise subject identifier that the identity provider gave the desk.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from base.db import metadata

ID = String(40)
HASH = String(43)
DIGEST = String(64)
OWNER = String(120)
HANDLE = String(120)
CLIENT = String(300)

desk_sessions = Table(
    "desk_sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("secret_hash", HASH, nullable=False, unique=True),  # of the cookie value
    Column("owner", OWNER, nullable=False, index=True),
    Column("sid", String(80), index=True),  # the provider's session, named by a back-channel logout token
    Column("full_name", String(200), nullable=False),
    Column("organisation_code", String(40), nullable=False),
    Column("organisation_name", String(200), nullable=False),
    Column("position_title", String(120), nullable=False),
    Column("acr", String(80), nullable=False),
    Column("sealed_id_token", LargeBinary, nullable=False),  # for RP-initiated logout; "signing.desk|<id>"
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

desk_logins = Table(
    "desk_logins",
    metadata,
    Column("state_hash", HASH, primary_key=True),  # nonce and PKCE verifier are derived from the state, never stored
    Column("browser", HASH, nullable=False),  # the browser that started it (base.web.csrf.browser_id)
    Column("purpose", String(12), nullable=False),  # sign_in | approve
    Column("request_id", ID),  # of signature_requests, when purpose is approve
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("spent_at", BigInteger),
)

desk_logout_tokens = Table(
    "desk_logout_tokens",
    metadata,
    Column("jti_hash", HASH, primary_key=True),  # a logout token counts once
    Column("expires_at", BigInteger, nullable=False),
)

handwriting = Table(
    "handwriting",
    metadata,
    Column("owner", OWNER, primary_key=True),
    Column("png", LargeBinary, nullable=False),  # re-encoded by us; only a picture
    Column("sha256", DIGEST, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner", OWNER, nullable=False),
    Column("label", String(120), nullable=False),  # what the owner calls it: NFC, cleaned; never a path
    Column("sha256", DIGEST, nullable=False, index=True),  # of the uploaded bytes; also the name they are stored under
    Column("size", BigInteger, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("signatures", Integer, nullable=False),  # how many it carried when it came in
    Column("state", String(12), nullable=False),  # received | authorised | signed | refused
    Column("layout", Text, nullable=False),  # JSON: width and height in points of every page as displayed
    Column("placement", Text, nullable=False),  # JSON: where the visible signature stands
    Column("format", String(24), nullable=False, server_default="PAdES"),  # that it is to be signed in
    Column("signed_sha256", DIGEST, index=True),
    Column("signed_size", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Index("ix_documents_owner_created_at", "owner", "created_at"),
)

signature_requests = Table(
    "signature_requests",
    metadata,
    Column("id", ID, primary_key=True),
    Column("document_id", ID, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("session_id", ID, nullable=False),
    Column("owner", OWNER, nullable=False),
    Column("credential", HANDLE, nullable=False),
    Column("document_digest", DIGEST, nullable=False),
    Column("placement", Text, nullable=False),  # JSON: as it was when the approval was asked for
    Column("format", String(24), nullable=False, server_default="PAdES"),  # likewise
    Column("signer", Text, nullable=False),  # JSON: name, organisation, position as the provider said at approval
    Column("state", String(12), nullable=False),  # asked | approved | signing | signed | refused
    Column("sealed_activation", LargeBinary),  # the one-shot token between approval and use; emptied when it is used
    Column("reason", String(60), nullable=False),  # code of the refusal
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_signature_requests_state_updated_at", "state", "updated_at"),
)

signature_evidence = Table(
    "signature_evidence",
    metadata,
    Column("id", ID, primary_key=True),
    Column("document_id", ID, nullable=False, index=True),  # no foreign key: evidence outlives the document
    Column("owner", OWNER, nullable=False, index=True),
    Column("full_name", String(200), nullable=False),
    Column("organisation_code", String(40), nullable=False),
    Column("organisation_name", String(200), nullable=False),
    Column("position_title", String(120), nullable=False),  # as held when signing (Decree 68/2024)
    Column("credential", HANDLE, nullable=False),
    Column("certificate_sha256", DIGEST, nullable=False),
    Column("digest_in", DIGEST, nullable=False, index=True),
    Column("digest_out", DIGEST, nullable=False, index=True),
    Column("acr", String(80), nullable=False),
    Column("auth_time", BigInteger, nullable=False),
    Column("otp_time", BigInteger, nullable=False),
    Column("activation_hash", HASH, nullable=False, unique=True),  # of the token's jti: one token, one signature
    Column("signing_time", BigInteger, nullable=False),
    Column("stamp_time", BigInteger, nullable=False),
)

api_requests = Table(
    "api_requests",
    metadata,
    Column("id", ID, primary_key=True),
    Column("client_id", CLIENT, nullable=False, index=True),  # the application, as the provider names it
    Column("document_id", ID, nullable=False, index=True),  # of documents; no foreign key: the row may be gone first
    Column("document_digest", DIGEST, nullable=False),
    Column("label", String(120), nullable=False),
    Column("purpose", String(300), nullable=False),  # the application's own words to the official
    Column("signer_owner", OWNER, nullable=False),  # who may sign; empty: whoever holds name, agency and position
    Column("signer_name", String(200), nullable=False),
    Column("signer_organisation", String(40), nullable=False),
    Column("signer_position", String(120), nullable=False),
    Column("credential", HANDLE, nullable=False),  # the key that must be used; empty: the official's newest
    Column("state", String(12), nullable=False),  # waiting | accepted | declined | cancelled
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

api_jobs = Table(
    "api_jobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("client_id", CLIENT, nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # verify | extend
    Column("state", String(12), nullable=False),  # queued | running | done | failed
    Column("options", Text, nullable=False),  # JSON: what was asked for
    Column("input_sha256", DIGEST, nullable=False),  # also the name the bytes are stored under
    Column("content_sha256", String(64), nullable=False),  # of the content of a detached signature, or empty
    Column("result_type", String(80), nullable=False),
    Column("result_sha256", String(64), nullable=False),
    Column("problem", Text, nullable=False),  # JSON: why it failed
    Column("attempts", Integer, nullable=False),
    Column("lease_until", BigInteger, nullable=False),  # a worker that has not reported by then is taken for dead
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Index("ix_api_jobs_state_created_at", "state", "created_at"),
)

api_answers = Table(
    "api_answers",
    metadata,
    Column("key_hash", HASH, primary_key=True),  # of the application and its Idempotency-Key
    Column("fingerprint", DIGEST, nullable=False),  # of what was asked
    Column("status", Integer, nullable=False),
    Column("location", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

api_proofs = Table(
    "api_proofs",
    metadata,
    Column("jti_hash", HASH, primary_key=True),  # a DPoP proof counts once
    Column("expires_at", BigInteger, nullable=False, index=True),
)

document_codes = Table(
    "document_codes",
    metadata,
    Column("code_hash", HASH, primary_key=True),  # of the verification code; whoever has it sees who signed
    Column("document_id", ID, nullable=False, unique=True),  # no foreign key: the code outlives the document
    Column("sealed_code", LargeBinary, nullable=False),  # for the desk, which shows it; "signing.code|<document id>"
    Column("evidence_id", ID, nullable=False),  # of the signature; empty until there is one
    Column("size_out", BigInteger, nullable=False),  # bytes of the signed document
    Column("created_at", BigInteger, nullable=False),
)
