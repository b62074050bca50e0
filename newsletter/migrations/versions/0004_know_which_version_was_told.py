"""Know which version of an article somebody was told of: the changes that it had by then."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of a ledger that went back to 0003: the date of an update has an offset, that of a correction
    # has none.
    op.execute(
        "UPDATE announcement SET kind = 'correction' WHERE kind = 'update'"
        " AND length(revision) = length('2026-09-03T10:00:00')"
    )
    op.create_table(
        "version",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.Column("change", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "article_id", "change", name=op.f("pk_version")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_version_batch_id")),
    )


def downgrade() -> None:
    """Back to what 0003 can say: a correction that was told stays, as an update of its date."""
    op.drop_table("version")
    op.execute("UPDATE announcement SET kind = 'update' WHERE kind = 'correction'")
