"""
Anchors of other authorities. The table is new, so the version before goes on with this schema.

Revision: 2026_11_28_trust_anchors, after 2026_11_28_sid_elsewhere
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_trust_anchors"
down_revision = "2026_11_28_sid_elsewhere"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trust_anchors",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("domain", sa.String(length=12), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_trust_anchors")),
    )


def downgrade() -> None:
    op.drop_table("trust_anchors")
