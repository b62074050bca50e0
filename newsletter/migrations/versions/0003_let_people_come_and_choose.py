"""Let people come by a form, and choose what they are told, and how often."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CONSENT = {"form": 64, "wording": 32, "asked_at": 32, "asked_from": 64, "confirmed_from": 64}
SUBSCRIBER = ("every_days", "paused", "soft_bounces")


def upgrade() -> None:
    _add("subscriber", "cadence", sa.String(16), "each")
    for name in SUBSCRIBER:
        _add("subscriber", name, sa.Integer(), "0")
    op.add_column("subscriber", sa.Column("moved_to", sa.Integer()))
    for name, length in CONSENT.items():
        _add("consent", name, sa.String(length), "")
    _make(
        "topic",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "tag", name=op.f("pk_topic")),
        subscriber_id="subscriber",
    )
    _make(
        "cover",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("announcement_id", "article_id", name=op.f("pk_cover")),
        announcement_id="announcement",
    )
    _make_what_comes_by_forms()


def _make_what_comes_by_forms() -> None:
    _make(
        "ask",
        *_id("ask"),
        *_texts(email=320, name=80, form=64, wording=32, network=64, state=16, at=32),
    )
    _make(
        "note",
        *_id("note"),
        *_texts(kind=16, email=320, state=16, at=32),
        sa.Column("subscriber_id", sa.Integer()),
        sa.Column("ask_id", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("claimed_at", sa.String(32), nullable=False, server_default=""),
        subscriber_id="subscriber",
        ask_id="ask",
    )
    _make(
        "link",
        *_id("link"),
        *_texts(purpose=16, digest=64, expires_at=32),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.String(32), nullable=False, server_default=""),
        sa.UniqueConstraint("digest", name=op.f("uq_link_digest")),
        note_id="note",
    )
    for table, column in (
        ("ask", "name"), ("ask", "state"), ("note", "subscriber_id"), ("note", "ask_id"),
        ("note", "state"), ("note", "at"), ("link", "note_id"),
    ):  # fmt: skip
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _add(table: str, name: str, kind: sa.String | sa.Integer, default: str) -> None:
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=default))


def _id(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _texts(**lengths: int) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), nullable=False) for name, length in lengths.items()]


def _make(table: str, *columns: sa.schema.SchemaItem, **refers_to: str) -> None:
    """A table, whose columns of these names refer to the ids of other tables."""
    keys = [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in refers_to.items()
    ]
    op.create_table(table, *columns, *keys)


def downgrade() -> None:
    """Back to what 0002 can say: all are told each article again, and who only asked is unknown.

    A digest stays as an article that is not published. Those that it told stay skipped.
    """
    op.execute("UPDATE announcement SET kind = 'new' WHERE kind = 'digest'")
    for table in ("link", "note", "ask", "cover", "topic"):
        op.drop_table(table)
    for name in CONSENT:
        op.execute(f"ALTER TABLE consent DROP COLUMN {name}")
    for name in ("cadence", "moved_to", *SUBSCRIBER):
        op.execute(f"ALTER TABLE subscriber DROP COLUMN {name}")
