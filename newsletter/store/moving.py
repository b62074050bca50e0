"""Carries a whole ledger from one database to another, and verifies that it is all there.

At no moment may both send, whenever this dies: the new one is a copy that refuses to send until the
old one says that it goes on elsewhere.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Integer, LargeBinary, Table, func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from newsletter.store import identity
from newsletter.store.database import Database
from newsletter.store.schema import installation, metadata
from press.problems import Code, Problem, ProblemsFound

PORTION = 2000
"""Rows that are carried at once."""

FEW = 4
"""The same of a table whose rows can be large."""


def move(source: Database, target: Database, own: str = "") -> dict[str, int]:
    """Table -> how many rows it has. The source refuses to send from then on.

    `own` is the name of our right to send from the source. Raises ProblemsFound, and changes
    nothing, where it is being sent from, or where the target is in use or differs afterwards.
    """
    _require_another(source, target)
    with source.transaction() as old:
        _hold(source, old, own)
        with target.planning() as new:
            _require_unused(new, target.name)
            new.execute(installation.delete())
            counts = {table.name: _copy(table, old, new) for table in metadata.sorted_tables}
            _verify(old, new, target.name)
            _go_on_counting(new)
        identity.leave_for(old, _named(target))
    with target.transaction() as new:
        identity.settle_at(new, target.home(new))
    return counts


def _require_another(source: Database, target: Database) -> None:
    with source.transaction() as old:
        here = source.home(old)
    with target.transaction() as new:
        there = target.home(new)
    if here == there:
        raise ProblemsFound([_problem(target.name, "this ledger is there already", "")])


def _hold(source: Database, old: Connection, own: str) -> None:
    """Let nobody change the ledger until it has gone: what they did then would be lost."""
    _require_left_alone(source, old, own)
    if old.dialect.name == "postgresql":
        # First the table that all others look at before they change anything.
        tables = [installation, *metadata.sorted_tables]
        names = ", ".join(dict.fromkeys(table.name for table in tables))
        old.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        _require_left_alone(source, old, own)


def _require_left_alone(source: Database, old: Connection, own: str) -> None:
    if source.others(old, own):
        message = "others are sending from this ledger"
        raise ProblemsFound([_problem(source.name, message, "let them end first")])


def _require_unused(new: Connection, name: str) -> None:
    for table in metadata.sorted_tables:
        is_ours = table is installation  # it has its own, which ours replaces
        if not is_ours and new.execute(select(table).limit(1)).first() is not None:
            message = f"this ledger is in use: it has rows in the table {table.name}"
            raise ProblemsFound([_problem(name, message, "name a database that is empty")])


def _problem(name: str, message: str, hint: str) -> Problem:
    return Problem(name, 0, 0, Code.REFUSED, message, hint)


def _named(target: Database) -> str:
    """Where a ledger is, for people: without what may be a secret of whoever may use it."""
    if target.path is not None:
        return f"sqlite:///{target.path.resolve().as_posix()}"
    url = target.engine.url
    where = url.set(drivername=url.get_backend_name(), password=None, query={})
    return where.render_as_string(hide_password=True)


def has_secret(url: str) -> bool:
    """Whether a URL has a password in it, or anything that might be one."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return "@" in url  # what it is, is for others to say; here it might have been one
    return parsed.password is not None or any("pass" in key.lower() for key in parsed.query)


def _copy(table: Table, old: Connection, new: Connection) -> int:
    count = 0
    for rows in _portions(table, old):
        new.execute(insert(table), rows)
        count += len(rows)
    return count


def _portions(table: Table, connection: Connection) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table, in whatever order it has them."""
    large = any(isinstance(column.type, LargeBinary) for column in table.columns)
    options = {"yield_per": FEW if large else PORTION}
    result = connection.execute(select(table), execution_options=options)
    for rows in result.mappings().partitions():
        yield [dict(row) for row in rows]


def _verify(old: Connection, new: Connection, name: str) -> None:
    for table in metadata.sorted_tables:
        if _digest(table, old) != _digest(table, new):
            message = f"the table {table.name} is not the same there"
            raise ProblemsFound([_problem(name, message, "nothing was changed")])


def _digest(table: Table, connection: Connection) -> tuple[int, int]:
    """How many rows a table has, and a number for all that they hold: the same in each engine.

    A sum, because engines sort texts differently.
    """
    count = total = 0
    for rows in _portions(table, connection):
        count += len(rows)
        total += sum(int.from_bytes(sha256(_words(row)).digest()) for row in rows)
    return count, total % 2**256


def _words(row: dict[str, Any]) -> bytes:
    plain = {k: sha256(v).hexdigest() if isinstance(v, bytes) else v for k, v in row.items()}
    return json.dumps(plain, sort_keys=True).encode()


def _go_on_counting(connection: Connection) -> None:
    """Let PostgreSQL give the next ids after those that were brought (SQLite does by itself)."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "id" in table.c and isinstance(table.c.id.type, Integer):
            last = select(func.max(table.c.id)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "id")
            connection.execute(select(func.setval(sequence, func.coalesce(last, 1))))
