"""
The format that a document at the desk is to be signed in. The version before fills in PAdES, which is all it knows.

Revision: 2026_11_28_desk_formats, after 2026_11_28_verification_codes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_desk_formats"
down_revision = "2026_11_28_verification_codes"
branch_labels = None
depends_on = None

_TABLES = ("documents", "signature_requests")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("format", sa.String(length=24), server_default="PAdES", nullable=False))


def downgrade() -> None:
    for table in reversed(_TABLES):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("format")
