"""When a provider may be asked next: one clock for all senders of a ledger, kept in it."""

import math

from sqlalchemy import Connection, Row, select, update

from newsletter.store.portions import insert_once
from newsletter.store.schema import pace

LONGEST = 31 * 86_400.0
"""Seconds that a provider can make us wait at most: more is a mistake of its, or of its clock."""


def take(connection: Connection, provider: str, seconds: float, now: float) -> tuple[float, str]:
    """Take the next turn with a provider, which lasts some seconds.

    How many seconds until it comes, and why that is, if the provider has asked to wait.
    """
    if not seconds:  # nothing to write: senders without a rate don't wait for each other here
        return _left(_row(connection, provider), now)
    row = _held(connection, provider)
    left, reason = _left(row, now)
    change = update(pace).where(pace.c.provider == provider)
    connection.execute(change.values(next_at=now + left + seconds, reason=reason))
    return left, reason


def _left(row: Row[str, float, str] | None, now: float) -> tuple[float, str]:
    return (row.next_at - now, row.reason) if row and row.next_at > now else (0.0, "")


def wait(connection: Connection, provider: str, seconds: float, reason: str, now: float) -> None:
    """Let nobody ask a provider for some seconds, for a reason that it gave."""
    until = now + (min(max(seconds, 0.0), LONGEST) if not math.isnan(seconds) else 0.0)
    _held(connection, provider)
    change = update(pace).where(pace.c.provider == provider, pace.c.next_at < until)
    connection.execute(change.values(next_at=until, reason=reason))


def _row(connection: Connection, provider: str) -> Row[str, float, str] | None:
    return connection.execute(select(pace).where(pace.c.provider == provider)).one_or_none()


def _held(connection: Connection, provider: str) -> Row[str, float, str]:
    """The row of a provider, made where it is missing; nobody else has it until we commit."""
    insert_once(connection, pace, [{"provider": provider, "next_at": 0.0, "reason": ""}])
    query = select(pace).where(pace.c.provider == provider).with_for_update()
    return connection.execute(query).one()
