"""
Resource servers, and opaque access tokens. Both tables are new, so the version before goes on with this schema.

Revision: 2026_11_27_resources, after 2026_11_25_pushed_requests
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_resources"
down_revision = "2026_11_25_pushed_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resources",
        sa.Column("identifier", sa.String(length=300), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identifier", name=op.f("pk_resources")),
    )
    op.create_table(
        "access_tokens",
        sa.Column("token_hash", sa.String(length=43), nullable=False),
        sa.Column("grant_id", sa.String(length=40), nullable=True),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_access_tokens_grant_id_grants")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_tokens")),
    )
    for column in ("expires_at", "grant_id"):
        op.create_index(op.f(f"ix_access_tokens_{column}"), "access_tokens", [column])


def downgrade() -> None:
    for column in ("grant_id", "expires_at"):
        op.drop_index(op.f(f"ix_access_tokens_{column}"), table_name="access_tokens")

    op.drop_table("access_tokens")
    op.drop_table("resources")
