"""The ledger's schema, step by step (Alembic). Each step can be taken back."""

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Connection


def config(connection: "Connection | None" = None) -> Config:
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return made


def upgrade(connection: "Connection", revision: str = "head") -> None:
    """Bring the schema up to a revision, within the connection's transaction."""
    command.upgrade(config(connection), revision)


def downgrade(connection: "Connection", revision: str) -> None:
    command.downgrade(config(connection), revision)


def known_versions() -> set[str]:
    return {step.revision for step in ScriptDirectory.from_config(config()).walk_revisions()}
