"""
Revocation lists remember that somebody noticed they are late.

Revision: 2026_11_28_late_lists, after 2026_11_28_wrapped_secrets

The new column may stay empty, so the version before goes on with this schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_late_lists"
down_revision = "2026_11_28_wrapped_secrets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("crls") as table:
        table.add_column(sa.Column("alarmed_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("crls") as table:
        table.drop_column("alarmed_at")
