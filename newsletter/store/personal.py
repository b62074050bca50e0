"""One person's own data: all that is kept of them, and forgetting it (GDPR, articles 15 and 17)."""

import secrets
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    delete,
    func,
    or_,
    select,
    update,
)

from newsletter.addresses import hidden, mailbox
from newsletter.model import Standing
from newsletter.store.frozen import OPEN
from newsletter.store.schema import (
    announcement,
    ask,
    attempt,
    batch,
    consent,
    delivery,
    event,
    note,
    pace,
    subscriber,
    suppression,
    tally,
    topic,
    verdict,
)
from newsletter.store.subscribers import close, owner, rename_deliveries

FREE_TEXT = (
    delivery.c.reason, tally.c.reason, attempt.c.outcome, pace.c.reason, verdict.c.note,
    consent.c.how, note.c.reason,
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
            "token": who.token, "key": who.key, "cadence": who.cadence,
            "every days": who.every_days, "paused": bool(who.paused),
            "soft bounces": who.soft_bounces, **_history(connection, who.id),
        }  # fmt: skip
        kept["former addresses"] = [about(connection, one) for one in _former(connection, who.id)]
    kept["asked"] = _rows(connection, select(*_ASKED).where(_asked(connection, email)))
    kept["mails to you alone"] = _rows(connection, select(*_NOTED).where(_noted(email)))
    kept["never written to"] = _rows(connection, shut)
    kept["named in events"] = _rows(connection, _events().where(_names(event.c.raw, email)))
    return kept if who is not None or any(kept[name] for name in _OF_ANYBODY) else None


_OF_ANYBODY = ("asked", "mails to you alone", "never written to", "named in events")
_ASKED = (ask.c.form, ask.c.wording, ask.c.network, ask.c.state, ask.c.at)
_NOTED = (note.c.kind, note.c.state, note.c.at)


def _asked(connection: Connection, email: str) -> ColumnElement[bool]:
    return ask.c.name == stands_for(connection, email)


def _noted(email: str) -> ColumnElement[bool]:
    return func.lower(note.c.email) == mailbox(email)


def _former(connection: Connection, who: int) -> list[str]:
    """The addresses at which somebody was told before."""
    there = (subscriber.c.moved_to == who, subscriber.c.email != "")
    return list(connection.execute(select(subscriber.c.email).where(*there)).scalars())


def _history(connection: Connection, who: int) -> dict[str, Any]:
    columns = [one for one in consent.c if one.name not in ("id", "subscriber_id")]
    came = select(*columns).where(consent.c.subscriber_id == who)
    chosen = select(topic.c.tag).where(topic.c.subscriber_id == who)
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
        "topics": sorted(connection.execute(chosen).scalars()),
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
    """How many deliveries still need an address: those that are frozen in bytes, or unknown.

    With those at former addresses.
    """
    who = select(subscriber.c.id).where(subscriber.c.mailbox == mailbox(email))
    former = select(subscriber.c.mailbox).where(subscriber.c.moved_to.in_(who))
    every = select(announcement.c.id)
    kept = batch.c.payload.is_not(None)  # others in it are unknown still: its bytes are as they are
    query = (
        select(func.count(delivery.c.id))
        .select_from(delivery.outerjoin(batch))
        .where(
            delivery.c.announcement_id.in_(every),
            or_(delivery.c.mailbox == mailbox(email), delivery.c.mailbox.in_(former)),
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
        for former in _former(connection, who):
            erase(connection, former, now)
        _forget(connection, who)
        rename_deliveries(connection, name, secret)
        blank = {
            "email": "", "mailbox": secret, "token": secrets.token_urlsafe(12), "cadence": "each",
            "every_days": 0, "paused": 0, "soft_bounces": 0,
        }  # fmt: skip
        erased = update(subscriber).where(subscriber.c.id == who)
        connection.execute(erased.values(standing=Standing.ERASED, **blank))
    connection.execute(delete(event).where(_names(event.c.raw, email)))
    connection.execute(update(note).where(_noted(email)).values(email=""))
    asked = update(ask).where(_asked(connection, email))
    connection.execute(asked.values(form="", wording="", network=""))
    for column in FREE_TEXT:
        change = update(column.table).where(column != "", _names(column, email))
        connection.execute(change.values({column: ERASED}))
    return who is not None


def _forget(connection: Connection, who: int) -> None:
    theirs = select(delivery.c.id).where(_of(who))
    connection.execute(delete(event).where(event.c.delivery_id.in_(theirs)))
    said = {"form": "", "wording": "", "asked_from": "", "confirmed_from": ""}
    theirs_too = update(consent).where(consent.c.subscriber_id == who)
    connection.execute(theirs_too.values(how=ERASED, **said))
    connection.execute(delete(topic).where(topic.c.subscriber_id == who))
