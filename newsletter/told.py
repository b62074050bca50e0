"""Who was told of each article, for the author's status: the counts of the ledger, by article."""

from pathlib import Path
from typing import Any

from newsletter import place

SQLITE = "sqlite:///"


def told(root: Path) -> dict[str, dict[str, Any]] | None:
    """Article's id -> how many were told of it; None where there is no ledger yet.

    Raises ProblemsFound for a ledger that can't be read.
    """
    where = place.of_author(root)
    if where.ledger.startswith(SQLITE) and not Path(where.ledger.removeprefix(SQLITE)).is_file():
        return None  # found out without loading what opens ledgers
    from newsletter import report
    from newsletter.model import Kind
    from newsletter.opening import ledger
    from newsletter.store import tallies

    with ledger(where, make=False) as database, database.reading() as connection:
        counted = tallies.everything(connection)
    rows = report.recorded(counted)
    return {row["article"]: _counts(row) for row in rows if row["kind"] == Kind.NEW}


def _counts(row: dict[str, Any]) -> dict[str, Any]:
    """Of those who were meant to be told: who left before that is none of them."""
    return {
        "accepted": row["accepted"],
        "of": row["planned"] - sum(row["skipped"].values()),
        "unknown": row["unknown"],
        "in_flight": row["in_flight"],
        "rejected": row["rejected"],
        "baseline": row["baseline"],
    }
