"""The embedded engine: one file, one writer at a time, and one sender at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_SECONDS = 10
"""How long to wait for another writer of the same ledger."""

SOLE = ""
"""The name of the sender: there is never another."""


def engine(url: URL) -> Engine:
    path = Path(url.database or "")
    # It holds addresses: the folder that is made for it is its owner's alone.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = create_engine(f"sqlite:///{path.as_posix()}", connect_args={"timeout": BUSY_SECONDS})
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def _begin(connection: Connection) -> None:
    """Writers wait for each other at once, not when both have begun."""
    is_reading = connection.get_execution_options().get("is_reading")
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


def _prepare(connection: Any, _: object) -> None:
    """Set up a connection: we begin transactions ourselves, and each commit lasts."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def home(path: Path) -> str:
    """Which ledger this is, so that a copy of it elsewhere is told apart."""
    return f"{_machine()} {path.resolve()}"


def _machine() -> str:
    with suppress(OSError):
        return Path("/etc/machine-id").read_text().strip() or os.uname().nodename
    import platform

    return platform.node()


@contextmanager
def sole(path: Path) -> Iterator[bool]:
    """Hold the right to send, if nobody else does: a lock that ends with the process."""
    lock = path.with_name(f"{path.name}.sending")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _lock(descriptor)
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
