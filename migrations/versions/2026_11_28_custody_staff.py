"""
Operators and their approvals; limits and the revoked state of keys.

Revision: 2026_11_28_custody_staff, after 2026_11_27_client_registration

New tables and columns that may stay empty, so the version before goes on with this schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_custody_staff"
down_revision = "2026_11_27_client_registration"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operators",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("secret_hash", sa.String(length=43), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("name", name=op.f("uq_operators_name")),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("parameters_sha256", sa.String(length=64), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("refused_by", sa.String(length=40), nullable=True),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        sa.Column("carried_out_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name=op.f("ck_approvals_two_persons")),
        sa.ForeignKeyConstraint(["approved_by"], ["operators.id"], name=op.f("fk_approvals_approved_by_operators")),
        sa.ForeignKeyConstraint(["proposed_by"], ["operators.id"], name=op.f("fk_approvals_proposed_by_operators")),
        sa.ForeignKeyConstraint(["refused_by"], ["operators.id"], name=op.f("fk_approvals_refused_by_operators")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revoked_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("signatures", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("most_signatures", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("usable_until", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("keys", schema=None) as batch_op:
        batch_op.drop_column("usable_until")
        batch_op.drop_column("most_signatures")
        batch_op.drop_column("signatures")
        batch_op.drop_column("revoked_at")

    op.drop_table("approvals")
    op.drop_table("operators")
