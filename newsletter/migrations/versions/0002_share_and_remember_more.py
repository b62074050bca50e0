"""Share a ledger among senders; tell of updates; keep events, verdicts and a pace."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STANDINGS = "standing IN ('confirmed', 'unsubscribed', 'erased', 'missing')"
STANDINGS_BEFORE = "standing IN ('confirmed', 'unsubscribed')"
TOLD, TOLD_BEFORE = ("article_id", "kind", "revision"), ("article_id", "kind")
KEY, EMPTY = '"key" VARCHAR(16)', " DEFAULT ''"


def upgrade() -> None:
    op.add_column(
        "installation", sa.Column("home", sa.String(64), server_default="", nullable=False)
    )
    op.add_column("installation", sa.Column("moved_to", sa.Text()))
    op.add_column("subscriber", sa.Column("key", sa.String(16), server_default="", nullable=False))
    op.add_column(
        "announcement", sa.Column("revision", sa.String(40), server_default="", nullable=False)
    )
    op.add_column("batch", sa.Column("owner", sa.String(32), server_default="", nullable=False))
    _give_keys()
    _change_constraints(forward=True)
    op.drop_index(op.f("ix_delivery_announcement_id_state"), "delivery")
    if _is_postgresql():
        # A state changes often: with room in its page, a row's new version needs no index entries.
        op.execute("ALTER TABLE delivery SET (fillfactor = 50)")
    _make_tables()


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _change_constraints(*, forward: bool) -> None:
    standings, told = (STANDINGS_BEFORE, STANDINGS), (TOLD_BEFORE, TOLD)
    before, after = (0, 1) if forward else (1, 0)
    if not _is_postgresql():
        no_default = {KEY + EMPTY: KEY} if forward else {}
        _rebuild("subscriber", {standings[before]: standings[after], **no_default})
        _rebuild("announcement", {_unique(told[before]): _unique(told[after])})
        return
    op.drop_constraint(op.f("ck_subscriber_standing"), "subscriber", type_="check")
    op.create_check_constraint(op.f("ck_subscriber_standing"), "subscriber", standings[after])
    op.alter_column("subscriber", "key", server_default=None)
    op.drop_constraint(_name(told[before]), "announcement", type_="unique")
    op.create_unique_constraint(_name(told[after]), "announcement", list(told[after]))


def _name(columns: tuple[str, ...]) -> str:
    return str(op.f(f"uq_announcement_{'_'.join(columns)}"))


def _unique(columns: tuple[str, ...]) -> str:
    return f"CONSTRAINT {_name(columns)} UNIQUE ({', '.join(columns)})"


def _rebuild(table: str, changes: dict[str, str]) -> None:
    """Make a table anew with other words in its definition: SQLite can't change a constraint.

    What refers to it does so by its name, which is there again when the transaction ends; only then
    is that looked at. So it can't be renamed into place, as Alembic's batches do it: its rows have
    to come back under its own name to be counted as found again.
    """
    execute = op.get_bind().exec_driver_sql
    query = "SELECT sql FROM sqlite_master WHERE name = ?"
    definition = str(execute(query, (table,)).scalar_one())
    for before, after in changes.items():
        assert before in definition, definition  # noqa: S101
        definition = definition.replace(before, after)
    execute("PRAGMA defer_foreign_keys = ON")
    execute("CREATE INDEX referring ON delivery (subscriber_id)")  # else each row is looked for
    execute(f"CREATE TABLE kept AS SELECT * FROM {table}")  # noqa: S608  # ours
    execute(f"DROP TABLE {table}")
    execute(definition)
    execute(f"INSERT INTO {table} SELECT * FROM kept")  # noqa: S608
    execute("DROP TABLE kept")
    execute("DROP INDEX referring")


def _give_keys() -> None:
    """Each subscriber's part of the ids of deliveries to come (newsletter.addresses.key)."""
    connection = op.get_bind()
    owner = connection.execute(sa.text("SELECT id FROM installation")).scalar()
    rows = connection.execute(sa.text("SELECT id, mailbox FROM subscriber")).all()
    change = sa.text("UPDATE subscriber SET key = :key WHERE id = :id")
    keys = [
        {"id": number, "key": sha256(f"key {owner} {mailbox}".encode()).hexdigest()[:16]}
        for number, mailbox in rows
    ]
    if keys:
        connection.execute(change, keys)


def _make_tables() -> None:
    op.create_table(
        "tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name=op.f("fk_tally_announcement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally")),
    )
    op.execute(
        "INSERT INTO tally (announcement_id, state, reason, change) "
        "SELECT announcement_id, state, said, count(*) FROM (SELECT announcement_id, state, CASE "
        "WHEN state IN ('skipped', 'unknown') THEN reason ELSE '' END AS said FROM delivery) AS d "
        "GROUP BY announcement_id, state, said"
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("dedupe", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("delivery_id", sa.String(32)),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("provider", "dedupe", name=op.f("uq_event_provider_dedupe")),
    )
    op.create_index(op.f("ix_event_delivery_id"), "event", ["delivery_id"])
    op.create_table(
        "pace",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_pace")),
    )
    op.create_table(
        "verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.String(32), nullable=False),
        sa.Column("decided", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_verdict_delivery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
    )
    op.create_index(op.f("ix_verdict_delivery_id"), "verdict", ["delivery_id"])


def downgrade() -> None:
    """Back to what 0001 can say: updates go, and who was erased or is missing has left."""
    for name in ("verdict", "pace", "event", "tally"):
        op.drop_table(name)
    _forget_updates()
    op.create_index(
        op.f("ix_delivery_announcement_id_state"), "delivery", ["announcement_id", "state"]
    )
    if _is_postgresql():
        op.execute("ALTER TABLE delivery RESET (fillfactor)")
    _change_constraints(forward=False)
    for table, column in (
        ("batch", "owner"),
        ("announcement", "revision"),
        ("subscriber", "key"),
        ("installation", "moved_to"),
        ("installation", "home"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


UPDATES = "(SELECT id FROM announcement WHERE kind <> 'new')"


def _forget_updates() -> None:
    for statement in (
        f"DELETE FROM delivery WHERE announcement_id IN {UPDATES}",  # noqa: S608  # ours
        f"DELETE FROM attempt WHERE batch_id IN (SELECT id FROM batch WHERE announcement_id IN {UPDATES})",  # noqa: S608, E501
        f"DELETE FROM batch WHERE announcement_id IN {UPDATES}",  # noqa: S608
        "DELETE FROM announcement WHERE kind <> 'new'",
        "UPDATE subscriber SET standing = 'unsubscribed' WHERE standing <> 'confirmed'",
    ):
        op.execute(statement)
