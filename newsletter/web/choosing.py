"""Choosing: what a subscriber is told, and how often; their data, and another address.

Nobody is let in by a link of an article's mail, which may be forwarded: one asks for a link, and it
comes to one's own address, works once, and opens a page that is good for half an hour.
"""

import json
from dataclasses import dataclass
from functools import partial

from newsletter import leaving
from newsletter.addresses import normalise
from newsletter.model import Cadence, Note
from newsletter.store import asks, joining, notes, personal, readdressing, subscribers, wishes
from newsletter.store.database import Connection
from newsletter.store.joining import Way
from newsletter.store.wishes import Wishes
from newsletter.web.coming import ask, note_in_journal, over
from newsletter.web.desk import Desk, Visit, fields, posted
from newsletter.web.replies import Reply
from press.fields import Wrong
from press.problems import ProblemsFound

SESSION = 1800
"""Seconds that the page can be used for."""

MOVES_A_DAY = 3


FORM = Reply("form", "preferences.html")


def ask_in(at: Visit) -> Reply:
    return ask(at, asks.SETTINGS_FORM)


def show(at: Visit) -> Reply:
    with at.desk.database.reading() as connection:
        works = notes.opens(connection, Note.SETTINGS, at.secret, at.desk.now())
    return Reply("open", "enter.html") if works else over()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A subscriber who was let in."""

    id: int
    email: str


def enter(at: Visit) -> Reply:
    """Use up the link, and show what there is to choose."""
    note = at.desk.writer.do(
        partial(notes.use, kind=Note.SETTINGS, secret=at.secret, now=at.desk.now())
    )
    visitor = _visitor(at.desk, note.subscriber_id) if note else None
    return _chosen(at.desk, visitor) if visitor else over()


def _visitor(desk: Desk, who: object) -> Visitor | None:
    """A subscriber as long as they are one."""
    if not isinstance(who, int):
        return None
    with desk.database.reading() as connection:
        email = subscribers.address_of(connection, who)
    return Visitor(who, email) if email else None


def _chosen(desk: Desk, visitor: Visitor, said: str = "", status: int = 200) -> Reply:
    with desk.database.reading() as connection:
        wished = wishes.of(connection, visitor.id)
    session = desk.sessions.give(visitor.id)
    tags = sorted({tag for article in desk.published.now().articles for tag in article.tags})
    return Reply(
        said or "open",
        "settings.html",
        status,
        {"wishes": wished, "tags": tags, "email": visitor.email, "session": session, "said": said},
        {"session": session, "cadence": wished.cadence, "topics": sorted(wished.topics)},
    )


def act(at: Visit) -> Reply:
    """What somebody who was let in does."""
    found = at.desk.sessions.read(fields(at.request).get("session", ""), SESSION)
    visitor = _visitor(at.desk, found[0]) if found else None
    if visitor is None:
        return over()
    actions = {"save": _save, "data": _data, "address": _address, "leave": _leave, "erase": _erase}
    action = actions.get(fields(at.request).get("action", ""))
    return action(at, visitor) if action else _chosen(at.desk, visitor, "no such action", 400)


def _save(at: Visit, visitor: Visitor) -> Reply:
    try:
        wished = _wished(at)
        at.desk.writer.do(partial(wishes.set, subscriber_id=visitor.id, wishes=wished))
    except (ProblemsFound, ValueError):
        return _chosen(at.desk, visitor, "not understood", 400)
    return _chosen(at.desk, visitor, "saved")


def _wished(at: Visit) -> Wishes:
    """Raises ValueError for what is no wish."""
    given = fields(at.request)
    cadence = Cadence(given.get("cadence", ""))
    days = int(given.get("days") or 0) if cadence is Cadence.COURSE else 0
    many = posted(at.request).get("topics") if at.request.is_json else None
    topics = many if isinstance(many, list) else at.request.form.getlist("topics")
    return Wishes(cadence, days, bool(given.get("paused")), frozenset(map(str, topics)))


def _data(at: Visit, visitor: Visitor) -> Reply:
    """All that is kept of them, as a file."""
    with at.desk.database.reading() as connection:
        kept = personal.about(connection, visitor.email) or {}
    said = json.dumps(kept, ensure_ascii=False, indent=1)
    return Reply("data", "data.html", values={"data": said}, data={"data": kept})


def _leave(at: Visit, visitor: Visitor) -> Reply:
    leaving.leave(at.desk.database, at.desk.journal, [visitor.email], Way.PAGE, at.desk.now())
    return Reply("left", "left.html")


def _erase(at: Visit, visitor: Visitor) -> Reply:
    if not fields(at.request).get("sure"):
        return _chosen(at.desk, visitor, "not sure", 400)
    try:
        leaving.erase(at.desk.database, at.desk.journal, visitor.email, at.desk.now())
    except ProblemsFound:  # a mail to them is on its way: they get no other, and are told so
        leaving.leave(at.desk.database, at.desk.journal, [visitor.email], Way.PAGE, at.desk.now())
        return Reply("on its way", "later.html", 409)
    return Reply("erased", "erased.html")


def _address(at: Visit, visitor: Visitor) -> Reply:
    """Ask a new address to confirm. The answer is the same whoever it belongs to."""
    try:
        email = normalise(fields(at.request).get("email", ""))
    except Wrong:
        return _chosen(at.desk, visitor, "no address", 400)
    at.desk.writer.do(partial(_plan_move, email=email, who=visitor.id, now=at.desk.now()))
    at.desk.wake.set()
    return _chosen(at.desk, visitor, "check your new mail")


def _plan_move(connection: Connection, email: str, who: int, now: str) -> None:
    day = now[:10]
    if notes.sent_since(connection, who, Note.MOVED, day) >= MOVES_A_DAY:
        return
    taken = joining.is_subscriber(connection, email) or joining.is_blocked(connection, email)
    if not taken:
        notes.plan(connection, notes.Plan(Note.MOVED, email, who), now)


def show_move(at: Visit) -> Reply:
    with at.desk.database.reading() as connection:
        works = notes.opens(connection, Note.MOVED, at.secret, at.desk.now())
    return Reply("confirm", "move.html") if works else over()


def move(at: Visit) -> Reply:
    now = at.desk.now()
    joined = at.desk.writer.do(partial(_move, secret=at.secret, now=now))
    if joined is None or joined.subscriber_id is None:
        return over()
    note_in_journal(at.desk, now, joined)
    return Reply("moved", "moved.html")


def _move(connection: Connection, secret: str, now: str) -> joining.Joined | None:
    note = notes.use(connection, Note.MOVED, secret, now)
    if note is None or note.subscriber_id is None:
        return None
    if not subscribers.address_of(connection, note.subscriber_id):
        return None
    return readdressing.readdress(connection, note.subscriber_id, note.email, now)
