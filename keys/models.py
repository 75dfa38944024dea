"""
The tables of keys.

Private keys are present only in the form their backend gives out (software: PKCS#8 sealed under the master key) and are
erased when a key retires. Times are epoch seconds, UTC. Certificates and revocation lists are DER.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from base.db import metadata

HANDLE = String(40)
OWNER = String(120)

keys = Table(
    "keys",
    metadata,
    Column("handle", HANDLE, primary_key=True),
    Column("purpose", String(12), nullable=False),  # token | encryption | root | issuing | tsu | person
    Column("algorithm", String(8), nullable=False),  # keys/store/keys.py: WORDS; a key has exactly one
    Column("backend", String(12), nullable=False),
    Column("stored", LargeBinary),  # what the backend needs to open the key; NULL once destroyed
    Column("public_key", LargeBinary, nullable=False),  # SubjectPublicKeyInfo, DER
    Column("owner", OWNER, index=True),  # of a person's key
    Column("state", String(8), nullable=False),  # next | active | retired | revoked | gone
    # purpose|algorithm|state while it may exist only once (next and active, persons excepted), otherwise NULL:
    # of two processes that start or rotate together, one insert wins.
    Column("slot", String(40), unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("activated_at", BigInteger),
    Column("retired_at", BigInteger),
    Column("gone_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("signatures", BigInteger, nullable=False, server_default="0"),  # of keys whose uses are counted one by one
    Column("most_signatures", BigInteger),
    Column("usable_until", BigInteger),
    Index("ix_keys_purpose_state", "purpose", "state"),
)

certificates = Table(
    "certificates",
    metadata,
    Column("serial", String(40), primary_key=True),  # hexadecimal, lower case; random, so unique over all issuers
    Column("handle", HANDLE, ForeignKey("keys.handle"), nullable=False, index=True),
    Column("issuer", HANDLE, ForeignKey("keys.handle"), nullable=False),
    Column("profile", String(12), nullable=False),  # root | issuing | tsu | person
    Column("der", LargeBinary, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("revocation_reason", String(24)),
    Index("ix_certificates_issuer_revoked_at", "issuer", "revoked_at"),
)

crls = Table(
    "crls",
    metadata,
    Column("issuer", HANDLE, ForeignKey("keys.handle"), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("this_update", BigInteger, nullable=False),
    Column("next_update", BigInteger, nullable=False),
)

key_activations = Table(
    "key_activations",
    metadata,
    # The primary key is the whole defence against a second use: one insert wins, every other one fails.
    Column("jti", String(120), primary_key=True),
    Column("digest", String(64), primary_key=True),  # of the document, hexadecimal SHA-256
    Column("handle", HANDLE, ForeignKey("keys.handle"), nullable=False),
    Column("spent_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),  # of the token; deleted some time later
)

operators = Table(
    "operators",
    metadata,
    Column("id", HANDLE, primary_key=True),  # `op_…`; the only form in which events name an operator
    Column("name", String(60), nullable=False, unique=True),
    Column("secret_hash", String(43), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("removed_at", BigInteger),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", HANDLE, primary_key=True),  # `apr_…`
    Column("operation", String(40), nullable=False),
    Column("parameters", Text, nullable=False),  # canonical JSON, for the second person to read
    Column("parameters_sha256", String(64), nullable=False),
    Column("proposed_by", HANDLE, ForeignKey("operators.id"), nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("approved_by", HANDLE, ForeignKey("operators.id")),
    Column("approved_at", BigInteger),
    Column("refused_by", HANDLE, ForeignKey("operators.id")),
    Column("refused_at", BigInteger),
    Column("carried_out_at", BigInteger),
    # The rule itself, below every statement of ours: nobody approves what he has proposed.
    CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_persons"),
)
