"""
Codes that lead from paper to what was signed. The table is new, so the version before goes on with this schema.

Revision: 2026_11_28_verification_codes, after 2026_11_28_application_api
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_verification_codes"
down_revision = "2026_11_28_application_api"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_codes",
        sa.Column("code_hash", sa.String(length=43), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=False),
        sa.Column("evidence_id", sa.String(length=40), nullable=False),
        sa.Column("size_out", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_document_codes")),
        sa.UniqueConstraint("document_id", name=op.f("uq_document_codes_document_id")),
    )


def downgrade() -> None:
    op.drop_table("document_codes")
