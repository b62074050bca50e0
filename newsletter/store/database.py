"""Opens a ledger: its engine, its schema brought up to date, and one sender at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from newsletter.store.schema import installation, metadata
from press.problems import Code, Problem, ProblemsFound

HEAD = "0001"
"""The newest migration: a ledger that has it needs no look at the others."""

BUSY_SECONDS = 10
"""How long to wait for another writer of the same ledger."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open ledger. Every fault of its file is a Problem."""

    path: Path
    engine: Engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing. A writer waits for the other writers first (BEGIN IMMEDIATE)."""
        with problems_of(self.path), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def rehearsal(self) -> Iterator[Connection]:
        """A transaction that is taken back at its end."""
        with problems_of(self.path), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def sole_sender(self) -> Iterator[None]:
        """Hold the right to send; the system takes it back when the process ends, however it ends.

        So what is `attempting` in the ledger when this is got belongs to a sender that is dead.
        Raises ProblemsFound while another process holds it.
        """
        with _lock_file(self.path.with_name(f"{self.path.name}.sending")):
            yield

    def close(self) -> None:
        self.engine.dispose()


def path_of(url: str) -> Path:
    """The file of a ledger's URL. Raises ProblemsFound for what is no SQLite file."""
    try:
        parsed = make_url(url)
        # Only the kind is said: a URL may hold a password.
        kind, name = parsed.get_backend_name(), parsed.database
    except ArgumentError:
        kind, name = "unreadable", None
    if kind != "sqlite" or not name or name == ":memory:":
        message = f"the ledger's URL is {kind}, not that of a SQLite file"
        hint = "write it as sqlite:///folder/ledger.db"
        raise ProblemsFound([Problem("PROOFPRESS_LEDGER", 0, 0, Code.BAD_LEDGER, message, hint)])
    return Path(name)


def open_ledger(url: str) -> Database:
    """Open a ledger, making it or bringing its schema up to date. Raises ProblemsFound."""
    path = path_of(url)
    with problems_of(path):
        # It holds addresses: the folder that is made for it is its owner's alone.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(
            f"sqlite:///{path.as_posix()}", connect_args={"timeout": BUSY_SECONDS}
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(_BEGIN))
        try:
            with engine.begin() as connection:
                _bring_up_to_date(connection, path)
        except BaseException:
            engine.dispose()
            raise
    return Database(path, engine)


def empty_ledger() -> Database:
    """A ledger that nobody has used yet, in memory: for looking, where no file should be made."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    return Database(Path("the ledger"), engine)


_BEGIN = "BEGIN IMMEDIATE"


def _prepare(connection: Any, _: object) -> None:
    """Set up a SQLite connection: we begin transactions ourselves, and each commit lasts."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _bring_up_to_date(connection: Connection, path: Path) -> None:
    version = _version(connection)
    if version != HEAD:
        _upgrade(connection, path, version)
        _name_installation(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection, path: Path, version: str | None) -> None:
    from newsletter.migrations import known_versions, upgrade

    if version is not None and version not in known_versions():
        message = f"this ledger is of a newer Proofpress (its schema is {version})"
        hint = "use that version, or newer"
        raise ProblemsFound([Problem(path.name, 0, 0, Code.BAD_LEDGER, message, hint)])
    upgrade(connection)


def _name_installation(connection: Connection) -> None:
    if connection.execute(select(installation.c.id)).scalar() is None:
        connection.execute(insert(installation), {"id": token_hex(16)})


@contextmanager
def problems_of(path: Path) -> Iterator[None]:
    """What goes wrong with a ledger's file, as a Problem without SQL or values in it."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or "the file can't be used"
    except DatabaseError as error:
        reason = str(error.orig)
    except SQLAlchemyError as error:
        reason = type(error).__name__
    else:
        return
    hint = "another process may hold it: try again" if "locked" in reason else ""
    message = f"can't use this ledger: {reason}"
    raise ProblemsFound([Problem(path.name, 0, 0, Code.BAD_LEDGER, message, hint)])


@contextmanager
def _lock_file(path: Path) -> Iterator[None]:
    with problems_of(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _lock(descriptor):
            message = "another process is sending from this ledger"
            hint = "let it end; nothing is lost if it does not"
            raise ProblemsFound([Problem(path.name, 0, 0, Code.REFUSED, message, hint)])
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Try to lock an open file; the lock ends with the process."""
    with suppress(BlockingIOError, PermissionError):
        try:
            from fcntl import LOCK_EX, LOCK_NB, flock
        except ImportError:  # Windows
            import msvcrt

            lock: Any = msvcrt
            lock.locking(descriptor, lock.LK_NBLCK, 1)
        else:
            flock(descriptor, LOCK_EX | LOCK_NB)
        return True
    return False
