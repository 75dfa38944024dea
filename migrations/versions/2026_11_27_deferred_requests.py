"""
Requests that a person answers on another device: device codes and backchannel authentication requests.

Revision: 2026_11_27_deferred_requests, after 2026_11_27_certificate_bound

A new table alone, so the version before goes on with the new schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_deferred_requests"
down_revision = "2026_11_27_certificate_bound"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deferred_requests",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("secret_hash", sa.String(length=43), nullable=False),
        sa.Column("user_code_mac", sa.String(length=43), nullable=True),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=True),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("dpop_jkt", sa.String(length=43), nullable=True),
        sa.Column("sealed_notice", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("grant_id", sa.String(length=40), nullable=True),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("last_polled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_deferred_requests_grant_id_grants")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deferred_requests_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferred_requests")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_deferred_requests_secret_hash")),
        sa.UniqueConstraint("user_code_mac", name=op.f("uq_deferred_requests_user_code_mac")),
    )
    with op.batch_alter_table("deferred_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deferred_requests_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_deferred_requests_grant_id"), ["grant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deferred_requests_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("deferred_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deferred_requests_user_id"))
        batch_op.drop_index(batch_op.f("ix_deferred_requests_grant_id"))
        batch_op.drop_index(batch_op.f("ix_deferred_requests_expires_at"))

    op.drop_table("deferred_requests")
