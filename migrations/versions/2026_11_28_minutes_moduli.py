"""
Minutes of ceremonies are signed; RSA moduli of others are remembered, so that one with a shared prime is noticed.

Revision: 2026_11_28_minutes_moduli, after 2026_11_28_trust_lists

The table is new and the new columns may stay empty, so the version before goes on with this schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_minutes_moduli"
down_revision = "2026_11_28_trust_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rsa_moduli",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("modulus", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_rsa_moduli")),
    )
    with op.batch_alter_table("ceremonies") as table:
        table.add_column(sa.Column("signature", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("signed_with", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ceremonies") as table:
        table.drop_column("signed_with")
        table.drop_column("signature")
    op.drop_table("rsa_moduli")
