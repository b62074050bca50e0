"""Mails to one person, and the links in them that work once.

A link's secret is made when its mail is, and is never kept: what is kept tells it again when it
comes. A mail that may have gone out is never sent a second time by itself; its person can ask for
another one.
"""

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from newsletter.addresses import mailbox
from newsletter.model import Note
from newsletter.store.portions import portions
from newsletter.store.schema import event, link, note
from newsletter.store.subscribers import close, owner, stands_for

LASTS = {
    Note.CONFIRM: timedelta(days=7),
    Note.SETTINGS: timedelta(hours=1),
    Note.MOVED: timedelta(days=1),
}
"""How long the links of each kind work; the others have none."""


class Progress(StrEnum):
    """How far a note has come; the words are those of deliveries (newsletter.model.State)."""

    PLANNED = "planned"
    ATTEMPTING = "attempting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Planned:
    id: int
    kind: Note
    email: str
    subscriber_id: int | None
    ask_id: int | None
    at: str
    """When it was planned: UTC, ISO 8601."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What a link carries."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """A note to be made."""

    kind: Note
    email: str
    subscriber_id: int | None = None
    ask_id: int | None = None


def plan(connection: Connection, one: Plan, now: str) -> None:
    """Plan a note, for whoever sends notes."""
    plan_all(connection, [one], now)


def plan_all(connection: Connection, plans: Iterable[Plan], now: str) -> None:
    rows = [
        {
            "kind": one.kind, "email": one.email, "subscriber_id": one.subscriber_id,
            "ask_id": one.ask_id, "state": Progress.PLANNED, "at": now,
        }
        for one in plans
    ]  # fmt: skip
    if rows:
        connection.execute(insert(note), rows)


_COLUMNS = (note.c.id, note.c.kind, note.c.email, note.c.subscriber_id, note.c.ask_id, note.c.at)


def claim(connection: Connection, limit: int, now: str) -> list[Planned]:
    """The oldest that are planned, as attempted: committed before the provider is called."""
    query = (
        select(*_COLUMNS)
        .where(note.c.state == Progress.PLANNED)
        .order_by(note.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [_note(row) for row in connection.execute(query)]
    theirs = update(note).where(note.c.id.in_([one.id for one in found]))
    connection.execute(theirs.values(state=Progress.ATTEMPTING, claimed_at=now))
    return found


def _note(row: Iterable[object]) -> Planned:
    number, kind, *rest = row
    return Planned(number, Note(str(kind)), *rest)  # type: ignore[arg-type]


def give_secret(connection: Connection, one: Planned, now: str) -> Secret:
    """A new link for a note that has one."""
    made = Secret(secrets.token_urlsafe(24))
    ends = datetime.fromisoformat(now) + LASTS[one.kind]
    row = {
        "purpose": one.kind, "digest": _digest(made.text), "note_id": one.id,
        "expires_at": ends.isoformat(timespec="seconds"),
    }  # fmt: skip
    connection.execute(insert(link), row)
    return made


def _digest(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()


def opens(connection: Connection, kind: Note, secret: str, now: str) -> bool:
    """Whether a link would work now; changes nothing."""
    return connection.execute(_lasting(kind, secret, now).where(_UNUSED)).first() is not None


def use(connection: Connection, kind: Note, secret: str, now: str) -> Planned | None:
    """Use up a link; its note, or None for a link that does not work, or no longer."""
    works = _lasting(kind, secret, now).where(_UNUSED)
    found = connection.execute(works.with_for_update(of=link)).first()
    if found is None:
        return None
    connection.execute(update(link).where(link.c.id == found[0]).values(used_at=now))
    return _note(found[1:])


def used(connection: Connection, kind: Note, secret: str, now: str) -> Planned | None:
    """The note of a link that would still work, had it not been used; changes nothing."""
    found = connection.execute(_lasting(kind, secret, now).where(~_UNUSED)).first()
    return _note(found[1:]) if found else None


_UNUSED = link.c.used_at == ""


def _lasting(kind: Note, secret: str, now: str) -> Select[Any]:
    """A link that is not too old, and its note."""
    return (
        select(link.c.id, *_COLUMNS)
        .join(note)
        .where(
            link.c.digest == _digest(secret),
            link.c.purpose == kind,
            link.c.expires_at > now,
        )
    )


def record(connection: Connection, one: int, progress: Progress, reason: str = "") -> None:
    """Keep what came of a note."""
    change = update(note).where(note.c.id == one)
    connection.execute(change.values(state=progress, reason=reason[:500]))


def give_up(connection: Connection, before: str) -> int:
    """Call those unknown whose sender died with them: claimed before then; how many they are."""
    dead = (note.c.state == Progress.ATTEMPTING, note.c.claimed_at < before)
    change = update(note).where(*dead).values(state=Progress.UNKNOWN, reason="its sender died")
    return connection.execute(change).rowcount


ID = re.compile(r"note(\d{1,9})-[0-9a-f]{16}")


def id_of(connection: Connection, one: int) -> str:
    """What a note is called where its provider tells of it: nobody else can make it up."""
    return _id(owner(connection), one)


def _id(owned_by: str, one: int) -> str:
    return f"note{one}-{sha256(f'note {owned_by} {one}'.encode()).hexdigest()[:16]}"


def told(
    connection: Connection, ids: Iterable[str], shuts: Collection[str], now: str, reason: str
) -> list[str]:
    """What follows from what was told of notes: that they were accepted, and of those of `shuts`
    that their mailbox is not written to again. Names for the journal of the mailboxes shut now.
    """
    numbers = _numbers(connection, ids)
    unsure = (note.c.id.in_(numbers.values()), note.c.state == Progress.UNKNOWN)
    connection.execute(update(note).where(*unsure).values(state=Progress.ACCEPTED))
    names = set(mailboxes_of(connection, shuts).values()) - {""}
    shut = close(connection, sorted(names), reason, now)
    return [stands_for(owner(connection), name) for name in shut]


def mailboxes_of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Those of some ids that are notes of ours -> the mailbox of each; empty where forgotten."""
    numbers = _numbers(connection, ids)
    query = select(note.c.id, note.c.email).where(note.c.id.in_(numbers.values()))
    emails = {row.id: row.email for row in connection.execute(query)} if numbers else {}
    return {one: mailbox(emails[it]) for one, it in numbers.items() if it in emails}


def _numbers(connection: Connection, ids: Iterable[str]) -> dict[str, int]:
    """Those of some ids that nobody has made up -> the number of the note of each."""
    found = {one: int(match[1]) for one in ids if (match := ID.fullmatch(one))}
    owned_by = owner(connection) if found else ""
    return {one: it for one, it in found.items() if one == _id(owned_by, it)}


def sent_since(connection: Connection, subscriber_id: int, kind: Note, since: str) -> int:
    """How many notes of a kind were planned for a subscriber since then."""
    theirs = (note.c.subscriber_id == subscriber_id, note.c.kind == kind, note.c.at > since)
    return connection.execute(select(func.count(note.c.id)).where(*theirs)).scalar_one()


def tally(connection: Connection) -> dict[tuple[str, str], int]:
    """How many notes there are of each kind and progress."""
    query = select(note.c.kind, note.c.state, func.count(note.c.id))
    rows = connection.execute(query.group_by(note.c.kind, note.c.state))
    return {(kind, state): count for kind, state, count in rows}


def forget(connection: Connection, before: str) -> None:
    """Forget the addresses of notes that were planned before then, and are over.

    With what was told of them, by the answer or since, which may name their addresses.
    """
    over = (Progress.ACCEPTED, Progress.REJECTED, Progress.UNKNOWN)
    old = (note.c.at < before, note.c.email != "", note.c.state.in_(over))
    owned_by = owner(connection)
    for some in portions(connection.execute(select(note.c.id).where(*old)).scalars().all()):
        told = event.c.delivery_id.in_([_id(owned_by, one) for one in some])
        connection.execute(update(event).where(told).values(raw=""))
        connection.execute(update(note).where(note.c.id.in_(some)).values(email="", reason=""))
