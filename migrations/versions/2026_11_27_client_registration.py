"""
Clients register and manage themselves: initial access tokens, and how a client came, its logo.

Revision: 2026_11_27_client_registration, after 2026_11_27_trusted_issuers

Every new column may be empty, so the version before goes on with the new schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_client_registration"
down_revision = "2026_11_27_trusted_issuers"
branch_labels = None
depends_on = None


COLUMNS = {
    "registered_by": 8,
    "policy": 40,
    "registration_token_hash": 43,
}
TIMES = ("document_until", "deleted_at")


def upgrade() -> None:
    op.create_table(
        "initial_access_tokens",
        sa.Column("token_hash", sa.String(length=43), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.String(length=40), nullable=True),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_initial_access_tokens_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_initial_access_tokens")),
    )
    op.create_index(op.f("ix_initial_access_tokens_expires_at"), "initial_access_tokens", ["expires_at"])
    for name, length in COLUMNS.items():
        op.add_column("clients", sa.Column(name, sa.String(length=length), nullable=True))
    for name in TIMES:
        op.add_column("clients", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_clients_deleted_at"), "clients", ["deleted_at"])
    op.create_table(
        "client_logos",
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name=op.f("fk_client_logos_client_id_clients")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_logos")),
    )
    op.create_index(op.f("ix_client_logos_digest"), "client_logos", ["digest"])


def downgrade() -> None:
    op.drop_index(op.f("ix_client_logos_digest"), table_name="client_logos")
    op.drop_table("client_logos")
    op.drop_index(op.f("ix_clients_deleted_at"), table_name="clients")
    for name in reversed(TIMES):
        op.drop_column("clients", name)
    for name in reversed(COLUMNS):
        op.drop_column("clients", name)
    op.drop_index(op.f("ix_initial_access_tokens_expires_at"), table_name="initial_access_tokens")
    op.drop_table("initial_access_tokens")
