"""
Refresh tokens bound to a certificate, and by whom one was used.

Revision: 2026_11_27_certificate_bound, after 2026_11_27_living_sessions

Both new columns may be empty, so the version before goes on with the new schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_certificate_bound"
down_revision = "2026_11_27_living_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refresh_tokens", sa.Column("x5t", sa.String(length=43), nullable=True))
    op.add_column("refresh_tokens", sa.Column("used_by", sa.String(length=43), nullable=True))


def downgrade() -> None:
    op.drop_column("refresh_tokens", "used_by")
    op.drop_column("refresh_tokens", "x5t")
