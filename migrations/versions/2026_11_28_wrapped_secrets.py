"""
The root of MACs, sealed, and the master key that replaces another.

Revision: 2026_11_28_wrapped_secrets, after 2026_11_28_authorities

The table is filled by the first start that finds it empty; the version before does not look at it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_wrapped_secrets"
down_revision = "2026_11_28_authorities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wrapped_secrets",
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("under", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "under", name=op.f("pk_wrapped_secrets")),
    )


def downgrade() -> None:
    op.drop_table("wrapped_secrets")
