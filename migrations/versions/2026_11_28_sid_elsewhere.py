"""
A `sid` of its own for what a session approved on another device.

Revision: 2026_11_28_sid_elsewhere, after 2026_11_28_late_lists

The version before goes on with the new schema: it leaves the column empty and gives other devices the browser's `sid`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_sid_elsewhere"
down_revision = "2026_11_28_late_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("session_clients") as table:
        table.add_column(sa.Column("sid_elsewhere", sa.String(length=40), nullable=True))
        table.create_index("ix_session_clients_sid_elsewhere", ["sid_elsewhere"])


def downgrade() -> None:
    with op.batch_alter_table("session_clients") as table:
        table.drop_index("ix_session_clients_sid_elsewhere")
        table.drop_column("sid_elsewhere")
