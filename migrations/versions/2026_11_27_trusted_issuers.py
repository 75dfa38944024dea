"""
Issuers whose assertions bring a token. The table is new, so the version before goes on with this schema.

Revision: 2026_11_27_trusted_issuers, after 2026_11_27_optional_challenge
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_trusted_issuers"
down_revision = "2026_11_27_optional_challenge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trusted_issuers",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", name=op.f("pk_trusted_issuers")),
    )


def downgrade() -> None:
    op.drop_table("trusted_issuers")
