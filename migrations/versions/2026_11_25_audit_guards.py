"""
The first row of the audit chain, and triggers that refuse to change or delete an audit event.

Revision: 2026_11_25_audit_guards, after 2026_11_25_initial

The hash chain shows tampering afterwards; the triggers stop the careless statement before. Whoever owns the database can
drop them, and the chain is what remains.
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_25_audit_guards"
down_revision = "2026_11_25_initial"
branch_labels = None
depends_on = None

GENESIS = "0" * 64
SQLITE = """
CREATE TRIGGER audit_events_no_{word} BEFORE {word} ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
"""
POSTGRESQL = (
    """
    CREATE FUNCTION audit_events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'restrict_violation'; END $$
    """,
    "CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events "
    "FOR EACH ROW EXECUTE FUNCTION audit_events_append_only()",
    "CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_events_append_only()",
)


def upgrade() -> None:
    op.execute(f"INSERT INTO audit_head (id, position, hash) VALUES (1, 0, '{GENESIS}')")  # noqa: S608  # a constant of this file
    if op.get_bind().dialect.name == "sqlite":
        for word in ("UPDATE", "DELETE"):
            op.execute(SQLITE.format(word=word))
    else:
        for statement in POSTGRESQL:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for word in ("UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER audit_events_no_{word}")
    else:
        op.execute("DROP TRIGGER audit_events_no_truncate ON audit_events")
        op.execute("DROP TRIGGER audit_events_no_change ON audit_events")
        op.execute("DROP FUNCTION audit_events_append_only()")
    op.execute("DELETE FROM audit_head")
