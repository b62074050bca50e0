"""PostgreSQL: any number of senders, on any number of hosts, share a ledger.

Each sender holds an advisory lock of its own for as long as it lives; the server takes it back when
its connection ends, so that the others can tell whose work is left behind.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, text

SPACE = 0x50726F6F
"""The first half of our advisory locks' names; a sender's is its own, and 0 is for planning."""


def engine(url: URL) -> Engine:
    made = url.set(drivername="postgresql+psycopg")
    return create_engine(made, connect_args={"application_name": "proofpress"}, pool_pre_ping=True)


def home(connection: Connection) -> str:
    """Which database of which server this is: a dump that is read in elsewhere is another one."""
    query = (
        "SELECT (SELECT system_identifier FROM pg_control_system()), datname, oid "
        "FROM pg_database WHERE datname = current_database()"
    )
    return " ".join(map(str, connection.execute(text(query)).one()))


@contextmanager
def sender(made: Engine) -> Iterator[tuple[str, Connection]]:
    """A sender's name, and the connection that its life hangs on."""
    number = 1 + secrets.randbelow(2**31 - 2)
    with made.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # its end is that of the lock: it must not go back into the pool
        lock = text("SELECT pg_advisory_lock(:space, :number)")
        connection.execute(lock, {"space": SPACE, "number": number})
        yield str(number), connection


def alive(connection: Connection) -> list[str]:
    """The names of the senders that live now."""
    query = text(
        "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND classid = :space AND objid <> 0 "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return [str(number) for number in connection.execute(query, {"space": SPACE}).scalars()]


def learn(connection: Connection) -> None:
    """Let the server know how many deliveries there are now, so that it plans for them."""
    connection.execute(text("ANALYZE subscriber, delivery"))


def wait_to_plan(connection: Connection) -> None:
    """One at a time counts and announces, until its transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:space, 0)"), {"space": SPACE})
