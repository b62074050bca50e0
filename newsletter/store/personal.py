"""One person's own data: all that is kept of them, and forgetting it (GDPR, articles 15 and 17)."""

import secrets
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, ColumnElement, Connection, Select, delete, func, or_, select, update

from newsletter.addresses import hidden, mailbox
from newsletter.model import Standing
from newsletter.store.frozen import OPEN
from newsletter.store.schema import (
    announcement,
    attempt,
    batch,
    consent,
    delivery,
    event,
    pace,
    subscriber,
    suppression,
    tally,
    verdict,
)
from newsletter.store.subscribers import close, owner, rename_deliveries

FREE_TEXT = (
    delivery.c.reason, tally.c.reason, attempt.c.outcome, pace.c.reason, verdict.c.note,
    consent.c.how,
)  # fmt: skip
"""Where providers and people say what they like, and may name somebody."""

ERASED = "erased"


def about(connection: Connection, email: str) -> dict[str, Any] | None:
    """All that is kept of somebody; None for nothing."""
    name = mailbox(email)
    who = connection.execute(select(subscriber).where(subscriber.c.mailbox == name)).one_or_none()
    shut = select(suppression.c.reason, suppression.c.at).where(suppression.c.mailbox == name)
    kept: dict[str, Any] = {"email": email}
    if who is not None:
        kept |= {
            "email": who.email, "standing": who.standing, "since": who.created_at,
            "token": who.token, "key": who.key, **_history(connection, who.id),
        }  # fmt: skip
    kept["never written to"] = _rows(connection, shut)
    kept["named in events"] = _rows(connection, _events().where(_names(event.c.raw, email)))
    found = who is not None or kept["never written to"] or kept["named in events"]
    return kept if found else None


def _history(connection: Connection, who: int) -> dict[str, Any]:
    came = select(consent.c.standing, consent.c.how, consent.c.at).where(
        consent.c.subscriber_id == who
    )
    told = (
        select(
            delivery.c.id, announcement.c.article_id, announcement.c.title, announcement.c.kind,
            delivery.c.state, delivery.c.reason, batch.c.provider,
            delivery.c.created_at.label("planned_at"),
            func.max(attempt.c.started_at).label("handed_over_at"),
        )
        .select_from(delivery.join(announcement).outerjoin(batch).outerjoin(attempt))
        .where(_of(who))
        .group_by(delivery.c.id, announcement.c.id, batch.c.id)
        .order_by(announcement.c.id)
    )  # fmt: skip
    theirs = select(delivery.c.id).where(_of(who))
    decided = select(verdict.c.delivery_id, verdict.c.decided, verdict.c.note, verdict.c.at)
    return {
        "history": _rows(connection, came.order_by(consent.c.id)),
        "told": _rows(connection, told),
        "events": _rows(connection, _events().where(event.c.delivery_id.in_(theirs))),
        "decisions": _rows(connection, decided.where(verdict.c.delivery_id.in_(theirs))),
    }


def _of(who: int) -> ColumnElement[bool]:
    every = select(announcement.c.id)  # by their index, which begins with the announcement
    return delivery.c.announcement_id.in_(every) & (delivery.c.subscriber_id == who)


def _events() -> Select[str | None, str, str, str, str]:
    columns = (event.c.delivery_id, event.c.provider, event.c.kind, event.c.raw, event.c.at)
    return select(*columns).order_by(event.c.id)


def _rows(connection: Connection, query: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _names(column: Column[Any], email: str) -> ColumnElement[bool]:
    """Whether a text has an address in it, as it is or as in a URL, in any spelling of case."""
    spellings = {mailbox(email), quote(mailbox(email), safe="").lower()}
    return or_(*(func.lower(column).contains(one, autoescape=True) for one in spellings))


def stands_for(connection: Connection, email: str) -> str:
    """The name that is left of somebody."""
    return hidden(owner(connection), mailbox(email))


def on_their_way(connection: Connection, email: str) -> int:
    """How many deliveries still need an address: those that are frozen in bytes, or unknown."""
    every = select(announcement.c.id)
    kept = batch.c.payload.is_not(None)  # others in it are unknown still: its bytes are as they are
    query = (
        select(func.count(delivery.c.id))
        .select_from(delivery.outerjoin(batch))
        .where(
            delivery.c.announcement_id.in_(every),
            delivery.c.mailbox == mailbox(email),
            or_(delivery.c.state.in_(OPEN), kept),
        )
    )
    return connection.execute(query).scalar_one()


def erase(connection: Connection, email: str, now: str) -> bool:
    """Forget somebody, but for a name by which their mailbox is never written to again.

    Whether they were a subscriber. What was told to whom stays counted. Only for somebody of whom
    nothing is on its way.
    """
    name = mailbox(email)
    secret = stands_for(connection, email)
    close(connection, [secret], ERASED, now)
    connection.execute(delete(suppression).where(suppression.c.mailbox == name))
    known = subscriber.c.mailbox.in_([name, secret])
    who = connection.execute(select(subscriber.c.id).where(known)).scalar()
    if who is not None:
        _forget(connection, who)
        rename_deliveries(connection, name, secret)
        blank = {"email": "", "mailbox": secret, "token": secrets.token_urlsafe(12)}
        erased = update(subscriber).where(subscriber.c.id == who)
        connection.execute(erased.values(standing=Standing.ERASED, **blank))
    connection.execute(delete(event).where(_names(event.c.raw, email)))
    for column in FREE_TEXT:
        change = update(column.table).where(column != "", _names(column, email))
        connection.execute(change.values({column: ERASED}))
    return who is not None


def _forget(connection: Connection, who: int) -> None:
    theirs = select(delivery.c.id).where(_of(who))
    connection.execute(delete(event).where(event.c.delivery_id.in_(theirs)))
    connection.execute(update(consent).where(consent.c.subscriber_id == who).values(how=ERASED))
