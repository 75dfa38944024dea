"""
Authorities by name, minutes of ceremonies, foreign certificates, announced ends.

Revision: 2026_11_28_authorities, after 2026_11_28_custody_staff

The version before goes on with the new schema: what it writes has no digest of the public key, and it knows the two
authorities by their slots, which stay.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_authorities"
down_revision = "2026_11_28_custody_staff"
branch_labels = None
depends_on = None

keys = sa.table(
    "keys",
    sa.column("handle", sa.String),
    sa.column("slot", sa.String),
    sa.column("created_at", sa.BigInteger),
    sa.column("public_key", sa.LargeBinary),
    sa.column("public_key_sha256", sa.String),
)
authorities = sa.table(
    "authorities",
    sa.column("name", sa.String),
    sa.column("handle", sa.String),
    sa.column("above", sa.String),
    sa.column("is_offline", sa.Boolean),
    sa.column("made_at", sa.BigInteger),
)


def upgrade() -> None:
    op.create_table(
        "ceremonies",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("held_at", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.LargeBinary(), nullable=False),
        sa.Column("minutes_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremonies")),
    )
    op.create_table(
        "authorities",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=False),
        sa.Column("above", sa.String(length=40), nullable=True),
        sa.Column("is_offline", sa.Boolean(), nullable=False),
        sa.Column("ceremony", sa.String(length=40), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["above"], ["authorities.name"], name=op.f("fk_authorities_above_authorities")),
        sa.ForeignKeyConstraint(["ceremony"], ["ceremonies.id"], name=op.f("fk_authorities_ceremony_ceremonies")),
        sa.ForeignKeyConstraint(["handle"], ["keys.handle"], name=op.f("fk_authorities_handle_keys")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_authorities")),
        sa.UniqueConstraint("handle", name=op.f("uq_authorities_handle")),
    )
    never = sa.false().compile(dialect=op.get_bind().dialect)
    for name, above in (("root", None), ("issuing", "root")):
        found = sa.select(
            sa.literal(name), keys.c.handle, sa.literal(above), sa.literal_column(str(never)), keys.c.created_at
        ).where(keys.c.slot == f"{name}|ES256|active")
        op.execute(sa.insert(authorities).from_select(["name", "handle", "above", "is_offline", "made_at"], found))
    with op.batch_alter_table("keys") as table:
        table.add_column(sa.Column("public_key_sha256", sa.String(length=64), nullable=True))
        table.create_unique_constraint(op.f("uq_keys_public_key_sha256"), ["public_key_sha256"])
    _fill_digests()
    with op.batch_alter_table("certificates") as table:
        table.add_column(sa.Column("chain", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("warned_days", sa.Integer(), nullable=True))
        table.alter_column("issuer", existing_type=sa.String(length=40), nullable=True)
        table.create_index(op.f("ix_certificates_not_after"), ["not_after"])


def downgrade() -> None:
    # The version before can neither sign with a foreign certificate nor read its row.
    op.execute("DELETE FROM certificates WHERE issuer IS NULL")
    with op.batch_alter_table("certificates") as table:
        table.drop_index(op.f("ix_certificates_not_after"))
        table.alter_column("issuer", existing_type=sa.String(length=40), nullable=False)
        table.drop_column("warned_days")
        table.drop_column("chain")
    with op.batch_alter_table("keys") as table:
        table.drop_constraint(op.f("uq_keys_public_key_sha256"), type_="unique")
        table.drop_column("public_key_sha256")
    op.drop_table("authorities")
    op.drop_table("ceremonies")


def _fill_digests() -> None:
    """Of two rows with one public key, which no version has made, the second stays without."""
    connection, seen = op.get_bind(), set()
    rows = connection.execute(sa.select(keys.c.handle, keys.c.public_key).order_by(keys.c.handle)).all()
    for handle, public_key in rows:
        digest = hashlib.sha256(public_key).hexdigest()
        if digest not in seen:
            seen.add(digest)
            connection.execute(sa.update(keys).where(keys.c.handle == handle).values(public_key_sha256=digest))
