"""
What applications ask for, its jobs and answers. All tables are new, so the version before goes on with this schema.

Revision: 2026_11_28_application_api, after 2026_11_28_published_lists
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_application_api"
down_revision = "2026_11_28_published_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_api_answers()
    _create_api_jobs()
    _create_api_proofs()
    _create_api_requests()


def _create_api_answers() -> None:
    op.create_table(
        "api_answers",
        sa.Column("key_hash", sa.String(length=43), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_api_answers")),
    )
    with op.batch_alter_table("api_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_answers_expires_at"), ["expires_at"], unique=False)


def _create_api_jobs() -> None:
    op.create_table(
        "api_jobs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("result_type", sa.String(length=80), nullable=False),
        sa.Column("result_sha256", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_jobs")),
    )
    with op.batch_alter_table("api_jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_jobs_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_jobs_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index("ix_api_jobs_state_created_at", ["state", "created_at"], unique=False)


def _create_api_proofs() -> None:
    op.create_table(
        "api_proofs",
        sa.Column("jti_hash", sa.String(length=43), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("jti_hash", name=op.f("pk_api_proofs")),
    )
    with op.batch_alter_table("api_proofs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_proofs_expires_at"), ["expires_at"], unique=False)


def _create_api_requests() -> None:
    op.create_table(
        "api_requests",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=300), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("document_digest", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("signer_owner", sa.String(length=120), nullable=False),
        sa.Column("signer_name", sa.String(length=200), nullable=False),
        sa.Column("signer_organisation", sa.String(length=40), nullable=False),
        sa.Column("signer_position", sa.String(length=120), nullable=False),
        sa.Column("credential", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_requests")),
    )
    with op.batch_alter_table("api_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_requests_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_requests_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_requests_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("api_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_requests_expires_at"))
        batch_op.drop_index(batch_op.f("ix_api_requests_document_id"))
        batch_op.drop_index(batch_op.f("ix_api_requests_client_id"))

    op.drop_table("api_requests")
    with op.batch_alter_table("api_proofs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_proofs_expires_at"))

    op.drop_table("api_proofs")
    with op.batch_alter_table("api_jobs", schema=None) as batch_op:
        batch_op.drop_index("ix_api_jobs_state_created_at")
        batch_op.drop_index(batch_op.f("ix_api_jobs_expires_at"))
        batch_op.drop_index(batch_op.f("ix_api_jobs_client_id"))

    op.drop_table("api_jobs")
    with op.batch_alter_table("api_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_answers_expires_at"))

    op.drop_table("api_answers")
