"""
The trust list that we publish. The table is new, so the version before goes on with this schema.

Revision: 2026_11_28_published_lists, after 2026_11_28_minutes_moduli
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_published_lists"
down_revision = "2026_11_28_minutes_moduli"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_lists",
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("next_update", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("signer", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_published_lists")),
    )


def downgrade() -> None:
    op.drop_table("published_lists")
