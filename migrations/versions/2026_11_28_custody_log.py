"""
The custody log of persons' and agencies' keys; its rows are only added.

Revision: 2026_11_28_custody_log, after 2026_11_28_trust_anchors

The table is new, so the version before goes on with this schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_custody_log"
down_revision = "2026_11_28_trust_anchors"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER custody_log_no_{word} BEFORE {word} ON custody_log
BEGIN SELECT RAISE(ABORT, 'the custody log is append-only'); END
"""
POSTGRESQL = (
    """
    CREATE FUNCTION custody_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the custody log is append-only' USING ERRCODE = 'restrict_violation'; END $$
    """,
    "CREATE TRIGGER custody_log_no_change BEFORE UPDATE OR DELETE ON custody_log "
    "FOR EACH ROW EXECUTE FUNCTION custody_log_append_only()",
    "CREATE TRIGGER custody_log_no_truncate BEFORE TRUNCATE ON custody_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION custody_log_append_only()",
)


def upgrade() -> None:
    op.create_table(
        "custody_log",
        sa.Column("handle", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("minutes", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["handle"], ["keys.handle"], name=op.f("fk_custody_log_handle_keys")),
        sa.PrimaryKeyConstraint("handle", "number", name=op.f("pk_custody_log")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for word in ("UPDATE", "DELETE"):
            op.execute(SQLITE.format(word=word))
    else:
        for statement in POSTGRESQL:
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("custody_log")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION custody_log_append_only()")
