"""
Grants of agencies' seals to applications. The table is new, so the version before goes on with this schema.

Revision: 2026_11_28_seal_grants, after 2026_11_28_desk_formats
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_seal_grants"
down_revision = "2026_11_28_desk_formats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal_grants",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=300), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=True),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("per_day", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("approval", sa.String(length=40), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("used_that_day", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["approval"], ["approvals.id"], name=op.f("fk_seal_grants_approval_approvals")),
        sa.ForeignKeyConstraint(["handle"], ["keys.handle"], name=op.f("fk_seal_grants_handle_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_grants")),
        sa.UniqueConstraint("slot", name=op.f("uq_seal_grants_slot")),
    )


def downgrade() -> None:
    op.drop_table("seal_grants")
