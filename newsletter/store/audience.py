"""Whom an announcement is for: who is confirmed, and wishes to be told of it now."""

from collections import Counter
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from newsletter.model import TAKEN, Cadence, Kind, Standing, State
from newsletter.plan import Planned
from newsletter.store.schema import (
    announcement,
    cover,
    delivery,
    subscriber,
    suppression,
    topic,
    version,
)

SHOWN = 3
"""Addresses that are shown of those that an announcement goes to."""

TOLD_BEFORE = "told at another address"
PERHAPS_BEFORE = "perhaps told at another address"
REFUSED_BEFORE = "refused at another address"
BEFORE = (TOLD_BEFORE, PERHAPS_BEFORE, REFUSED_BEFORE)
"""Why a delivery is skipped whose subscriber had one of the same at the address before this."""

PAUSED = "pause"
ASIDE = {
    PAUSED: subscriber.c.paused != 0,
    "chose other topics": None,
    "get it in a digest": subscriber.c.cadence == Cadence.WEEKLY,
    "get it in their course": subscriber.c.cadence == Cadence.COURSE,
}
"""Why what is new is not for somebody who is confirmed; None for what is the article's."""


def audience(planned: Planned) -> Select[int, str | None]:
    """Who an announcement is for, each with their suppression if there is one.

    What is new is for all who are confirmed and wish to be told of each such article; an update for
    those who were told before. Neither is for who pauses. A correction is for those who were told
    of the article as it was: for who pauses it waits.
    """
    if planned.kind is Kind.CORRECTION:
        return _confirmed(planned)
    return _now(planned)


def _now(planned: Planned) -> Select[int, str | None]:
    """Those of them who would get it now."""
    return _confirmed(planned).where(_why_aside(planned) == "")


def _confirmed(planned: Planned) -> Select[int, str | None]:
    """All whom it may be for, whatever they wish."""
    query = (
        select(subscriber.c.id, suppression.c.mailbox)
        .outerjoin(suppression, subscriber.c.mailbox == suppression.c.mailbox)
        .where(subscriber.c.standing == Standing.CONFIRMED)
    )
    if planned.kind is Kind.CORRECTION:
        return query.where(*_were_told_wrong(planned.article.id, planned.revision))
    return query if planned.kind is Kind.NEW else query.where(_were_told(planned.article.id))


def _why_aside(planned: Planned) -> ColumnElement[str]:
    """Why an announcement is not for somebody, at their own wish; empty if it is."""
    other = _chose_others(planned.article.tags)
    reasons = [(other if test is None else test, why) for why, test in ASIDE.items()]
    kept = reasons if planned.kind is Kind.NEW else reasons[:1]
    return case(*kept, else_="")


def _chose_others(tags: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether somebody has chosen topics, and none of them is among the tags."""
    theirs = topic.c.subscriber_id == subscriber.c.id
    chosen = select(topic.c.tag).where(theirs).exists()
    shared = select(topic.c.tag).where(theirs, topic.c.tag.in_(tags)).exists()
    return and_(chosen, ~shared)


def _were_told(article_id: str) -> ColumnElement[bool]:
    """By a mail of its own or in a digest, at this address or at one before it."""
    return subscriber.c.id.in_(_told(article_id))


def _told(article_id: str, *, perhaps: bool = False) -> Select[int]:
    """The subscribers with a delivery that has told them of an article, or that may have."""
    states = PERHAPS_TOLD if perhaps else TAKEN
    reasons = (TOLD_BEFORE, PERHAPS_BEFORE) if perhaps else (TOLD_BEFORE,)
    digests = select(cover.c.announcement_id).where(cover.c.article_id == article_id)
    of_it = or_(announcement.c.article_id == article_id, announcement.c.id.in_(digests))
    return (
        select(delivery.c.subscriber_id)
        .join(announcement)
        .where(of_it, or_(delivery.c.state.in_(states), delivery.c.reason.in_(reasons)))
    )


PERHAPS_TOLD = (*TAKEN, State.UNKNOWN, State.ATTEMPTING)
"""A mail that may have come was read: who did not get it learns of a fault that was mended."""


def _were_told_wrong(article_id: str, change: str) -> tuple[ColumnElement[bool], ...]:
    """Told of an article without one of its changes, never with it, and not of that change."""
    with_it = exists().where(
        version.c.batch_id == delivery.c.batch_id,
        version.c.article_id == article_id,
        version.c.change == change,
    )
    is_correction = announcement.c.kind == Kind.CORRECTION
    has_its_own = (
        select(delivery.c.subscriber_id)
        .join(announcement)
        .where(
            announcement.c.article_id == article_id,
            announcement.c.revision == change,
            is_correction,
        )
    )
    return (
        subscriber.c.id.in_(_told(article_id, perhaps=True).where(~with_it, ~is_correction)),
        subscriber.c.id.not_in(_told(article_id).where(with_it)),
        subscriber.c.id.not_in(has_its_own),
    )


def counted(connection: Connection, planned: Planned) -> Planned:
    """An announcement with how many it would be handed over for, and who is left out and why."""
    why = _why_aside(planned)
    sums = _confirmed(planned).with_only_columns(
        why.label("why"), func.count(subscriber.c.id), func.count(suppression.c.mailbox)
    )
    number = closed = 0
    aside: Counter[str] = Counter()
    for reason, all_of_them, suppressed in connection.execute(sums.group_by("why")):
        if reason:
            aside[reason] = all_of_them - suppressed
        else:
            number, closed = all_of_them, suppressed
    some = _now(planned).with_only_columns(subscriber.c.email)
    some = some.where(suppression.c.mailbox.is_(None)).order_by(subscriber.c.id).limit(SHOWN)
    first = tuple(connection.execute(some).scalars())
    left_out = {reason: aside[reason] for reason in ASIDE if aside[reason]}
    return replace(
        planned, messages=number - closed, suppressed=closed, first=first, aside=left_out
    )
