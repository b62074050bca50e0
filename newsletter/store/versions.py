"""Which version of its articles a batch tells: the changes that each of them had by then."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from newsletter.store.schema import version


def record(connection: Connection, batch_id: int, changes: Iterable[tuple[str, str]]) -> None:
    """Write down the changes, each as an article's id and its own, unless they are there."""
    there = select(version.c.article_id, version.c.change).where(version.c.batch_id == batch_id)
    known = {(row.article_id, row.change) for row in connection.execute(there)}
    rows = [
        {"batch_id": batch_id, "article_id": article_id, "change": change}
        for article_id, change in sorted({*changes} - known)
    ]
    if rows:
        connection.execute(insert(version), rows)
