"""
The tables of keys.

Private keys are present only in the form their backend gives out (software: PKCS#8 sealed under the master key) and are
erased when a key retires. Times are epoch seconds, UTC. Certificates and revocation lists are DER.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

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
    # SHA-256 of public_key, hexadecimal: nobody gets a certificate for a key that is known as somebody else's.
    Column("public_key_sha256", String(64), unique=True),
    Index("ix_keys_purpose_state", "purpose", "state"),
)

ceremonies = Table(
    "ceremonies",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("held_at", BigInteger, nullable=False),
    Column("minutes", LargeBinary, nullable=False),  # JSON, the bytes that minutes_sha256 is of; names people
    Column("minutes_sha256", String(64), nullable=False),
    Column("signature", LargeBinary),  # over the minutes, DER; NULL: held before minutes were signed
    Column("signed_with", HANDLE),  # the audit key
)

authorities = Table(
    "authorities",
    metadata,
    Column("name", String(40), primary_key=True),  # as in /pki/ca/<name>.cer; one insert wins
    Column("handle", HANDLE, ForeignKey("keys.handle"), nullable=False, unique=True),
    Column("above", String(40), ForeignKey("authorities.name")),  # NULL: a root
    Column("is_offline", Boolean, nullable=False),  # opened only inside an approved operation
    Column("ceremony", String(40), ForeignKey("ceremonies.id")),  # NULL: made at the first start
    Column("made_at", BigInteger, nullable=False),
)

certificates = Table(
    "certificates",
    metadata,
    # Hexadecimal, lower case; random, so unique over all our issuers. Of a foreign certificate: `x` and its digest.
    Column("serial", String(40), primary_key=True),
    Column("handle", HANDLE, ForeignKey("keys.handle"), nullable=False, index=True),
    Column("issuer", HANDLE, ForeignKey("keys.handle")),  # NULL: an authority that is not ours
    Column("profile", String(12), nullable=False),  # keys/ca/order.py: Profile
    Column("der", LargeBinary, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("revocation_reason", String(24)),
    Column("chain", LargeBinary),  # of a foreign certificate: what stands above it, DER one after the other
    Column("warned_days", Integer),  # the last of 90, 30, 7 that its end was announced at
    Index("ix_certificates_not_after", "not_after"),
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
    Column("alarmed_at", BigInteger),  # when somebody noticed that the next list is late; of this list only
)

rsa_moduli = Table(
    "rsa_moduli",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of the modulus, big-endian, hexadecimal
    Column(
        "modulus", LargeBinary, nullable=False
    ),  # of a key that is not in `keys`: a service's, a foreign authority's
    Column("seen_at", BigInteger, nullable=False),
)

trust_anchors = Table(
    "trust_anchors",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of the certificate, hexadecimal
    Column("domain", String(12), nullable=False),  # keys/trust/anchor.py: Domain, our own excepted
    Column("der", LargeBinary, nullable=False),
    Column("added_at", BigInteger, nullable=False),
)

trust_lists = Table(
    "trust_lists",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("domain", String(12), nullable=False),  # as of an anchor
    Column("url", Text, nullable=False),  # where the next one is fetched; empty: it comes as a file
    Column("signers", LargeBinary, nullable=False),  # pinned certificates, DER one after the other
    Column("sequence", BigInteger, nullable=False),  # of the list; it only rises
    Column("issued_at", BigInteger, nullable=False),
    Column("next_update", BigInteger, nullable=False),
    Column("signed_at", BigInteger, nullable=False),
    Column("signer_sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),  # XML, the canonical bytes that were signed
    Column("content_sha256", String(64), nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("alarmed_at", BigInteger),  # when somebody noticed that the next one is late; of this list only
)

published_lists = Table(
    "published_lists",
    metadata,
    Column("name", String(8), primary_key=True),  # `own`
    Column("sequence", BigInteger, nullable=False),  # it only rises
    Column("issued_at", BigInteger, nullable=False),
    Column("next_update", BigInteger, nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of what the list says, without number and times
    Column("signer", String(40), nullable=False),  # handle of the key
    Column("content", LargeBinary, nullable=False),  # XML, signed
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

seal_grants = Table(
    "seal_grants",
    metadata,
    Column("id", HANDLE, primary_key=True),  # `sgt_…`
    Column("handle", HANDLE, ForeignKey("keys.handle"), nullable=False),
    Column("client_id", String(300), nullable=False),  # the application, as the provider names it
    Column("slot", String(64), unique=True),  # digest of seal and application while it stands: one at a time
    Column("most", BigInteger, nullable=False),  # documents in all
    Column("per_day", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("approval", HANDLE, ForeignKey("approvals.id"), nullable=False),  # of the two operators
    Column("used", BigInteger, nullable=False),
    Column("day", BigInteger, nullable=False),  # days since 1970, of the last use
    Column("used_that_day", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

wrapped_secrets = Table(
    "wrapped_secrets",
    metadata,
    # root: what MACs are derived from; next: the master key that replaces `under`; last: the one that `under` replaces.
    Column("kind", String(4), primary_key=True),
    Column("name", String(8), primary_key=True),  # of the wrapped master key, hexadecimal; `root` for the root
    Column("under", String(8), primary_key=True),  # name of the master key it is sealed under
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

custody_log = Table(
    "custody_log",
    metadata,
    Column("handle", HANDLE, ForeignKey("keys.handle"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 … for each key
    Column("kind", String(12), nullable=False),  # made | handed_over | used
    Column("at", BigInteger, nullable=False),
    Column("holder", String(120), nullable=False),  # who answers for the key from here on
    Column("place", String(120), nullable=False),  # where it is kept; empty: in this service
    Column("minutes", String(120), nullable=False),  # number of the record of the hand-over
    Column("digest", String(64), nullable=False),  # of what was signed, hexadecimal SHA-256; empty otherwise
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
