"""
A code may stand without a challenge: for clients that are registered without PKCE.

Revision: 2026_11_27_optional_challenge, after 2026_11_27_deferred_requests

The version before goes on with the new schema: it always writes a challenge.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_optional_challenge"
down_revision = "2026_11_27_deferred_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("authorization_codes") as table:
        table.alter_column("code_challenge", existing_type=sa.String(length=43), nullable=True)


def downgrade() -> None:
    # A code lives for a minute; one that has no challenge cannot be kept by a version that asks for it.
    op.execute("DELETE FROM authorization_codes WHERE code_challenge IS NULL")
    with op.batch_alter_table("authorization_codes") as table:
        table.alter_column("code_challenge", existing_type=sa.String(length=43), nullable=False)
