"""Long lists in as many statements as it takes, and rows that another writer may have made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

MOST = 10_000
"""Values in one statement; SQLite takes 32,766 (sqlite.org/limits.html)."""

T = TypeVar("T")


def portions(values: Iterable[T], most: int = MOST) -> Iterator[list[T]]:
    rest = iter(values)
    while some := list(islice(rest, most)):
        yield some


def insert_once(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows that are not there yet, and pass over the others.

    Where another writer is inserting the same at this moment, it is waited for.
    """
    if rows:
        connection.execute(_passing_over(connection, table), rows)


def insert_new(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *columns: str
) -> set[tuple[Any, ...]]:
    """The same; the values of some columns of those rows that were not there yet."""
    if not rows:
        return set()
    told = _passing_over(connection, table).returning(*(table.c[name] for name in columns))
    return {tuple(row) for row in connection.execute(told, rows)}


def _passing_over(connection: Connection, table: Table) -> Any:
    # Each engine has its own; loading both would cost each verb that uses one.
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    return dialect.insert(table).on_conflict_do_nothing()
