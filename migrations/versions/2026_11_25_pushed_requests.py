"""
Pushed authorization requests, and the keys that codes and refresh tokens are bound to.

Revision: 2026_11_25_pushed_requests, after 2026_11_25_audit_guards

Both new columns may be empty, so the version before goes on with the new schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_pushed_requests"
down_revision = "2026_11_25_audit_guards"
branch_labels = None
depends_on = None

BOUND = ("authorization_codes", "refresh_tokens")


def upgrade() -> None:
    op.create_table(
        "pushed_requests",
        sa.Column("reference", sa.String(length=43), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_pushed_requests")),
    )
    op.create_index(op.f("ix_pushed_requests_expires_at"), "pushed_requests", ["expires_at"])
    for table in BOUND:
        op.add_column(table, sa.Column("dpop_jkt", sa.String(length=43), nullable=True))


def downgrade() -> None:
    for table in reversed(BOUND):
        op.drop_column(table, "dpop_jkt")
    op.drop_index(op.f("ix_pushed_requests_expires_at"), table_name="pushed_requests")
    op.drop_table("pushed_requests")
