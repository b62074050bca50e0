"""Coming: asking to be told, and confirming it. The answer to asking is the same for everybody."""

import re
from functools import partial

from newsletter.model import Note
from newsletter.store import asks, joining, notes
from newsletter.store.asks import Asked
from newsletter.store.database import Connection
from newsletter.web.desk import Desk, Visit, fields, log, text
from newsletter.web.guard import network
from newsletter.web.replies import Reply
from press.problems import ProblemsFound

QUICKEST = 2.0
"""Seconds between seeing our form and sending it: nobody is quicker."""

A_DAY = 86_400

TRAP = "website"
"""The field that people don't see, and robots fill in."""

ASKED = Reply("check your mail", "asked.html")
ASKED_IN = Reply("check your mail", "asked-in.html")

WORD = re.compile(r"[A-Za-z0-9._/-]{0,64}")


def form(at: Visit) -> Reply:
    """Our own form, for whoever comes here without the site's."""
    return Reply("form", "join.html", values={"shown": at.desk.shown.give("join")})


def subscribe(at: Visit) -> Reply:
    return ask(at, "")


def ask(at: Visit, form: str) -> Reply:
    """Keep what somebody asks for, by a form of this name or the one that it says it is."""
    given = fields(at.request)
    asked = Asked(
        text(given.get("email", "").strip(), 320),
        form or _word(given.get("form", "")),
        _word(given.get("wording", ""))[:32],
        network(at.request.remote_addr or ""),
        at.desk.now(),
        is_robot=bool(given.get(TRAP)) or _is_too_quick(at.desk, given.get("shown", "")),
    )
    at.desk.writer.keep(asks.keep, asked)
    at.desk.wake.set()
    return ASKED_IN if form == asks.SETTINGS_FORM else ASKED


def _word(given: str) -> str:
    return given if WORD.fullmatch(given) else ""


def _is_too_quick(desk: Desk, stamp: str) -> bool:
    """Whether our form came back before anybody can have filled it in."""
    found = desk.shown.read(stamp, A_DAY) if stamp else None
    return found is not None and desk.clock().timestamp() - found[1] < QUICKEST


def show_confirm(at: Visit) -> Reply:
    now = at.desk.now()
    with at.desk.database.reading() as connection:
        if notes.opens(connection, Note.CONFIRM, at.secret, now):
            return Reply("confirm", "confirm.html")
        joined = _has_joined(connection, at.secret, now)
    return _confirmed(at) if joined else over()


def _has_joined(connection: Connection, secret: str, now: str) -> bool:
    """Whether somebody comes again by the link that made them a subscriber, which they still are.

    Nothing has to be done for that, and they need not be told that the link is over.
    """
    note = notes.used(connection, Note.CONFIRM, secret, now)
    return note is not None and joining.is_subscriber(connection, note.email) is not None


def _confirmed(at: Visit) -> Reply:
    articles = at.desk.published.now().articles
    return Reply("confirmed", "confirmed.html", values={"articles": articles})


def over() -> Reply:
    """Of a link that does not work, or no longer."""
    return Reply("link is over", "over.html", 410)


def confirm(at: Visit) -> Reply:
    now, here = at.desk.now(), network(at.request.remote_addr or "")
    joined = at.desk.writer.do(partial(_confirm, secret=at.secret, now=now, here=here))
    if joined is None:
        return over()
    if joined.outcome is joining.Outcome.BLOCKED:
        return Reply("must not be written to", "blocked.html", 409)
    note_in_journal(at.desk, now, joined)
    at.desk.wake.set()
    return _confirmed(at)


def note_in_journal(desk: Desk, now: str, joined: joining.Joined) -> None:
    """They have joined, or moved, whether or not the journal can be written: that is logged."""
    try:
        desk.journal.departed(now, (joined.left,) if joined.left else ())
        desk.journal.joined(now, joined.name)
    except ProblemsFound as error:
        log.error("the journal does not know of a subscriber: %s", error)


def _confirm(connection: Connection, secret: str, now: str, here: str) -> joining.Joined | None:
    note = notes.use(connection, Note.CONFIRM, secret, now)
    if note is None or note.ask_id is None:
        again = _has_joined(connection, secret, now)
        return joining.Joined(joining.Outcome.ALREADY) if again else None
    asked = asks.confirmed(connection, note.ask_id)
    columns = {
        "form": asked.form, "wording": asked.wording, "asked_at": asked.at,
        "asked_from": asked.network, "confirmed_from": here,
    }  # fmt: skip
    joined = joining.join(connection, note.email, now, columns)
    if joined.name:
        welcome = notes.Plan(Note.WELCOME, note.email, joined.subscriber_id)
        notes.plan(connection, welcome, now)
    return joined
