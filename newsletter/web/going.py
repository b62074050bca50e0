"""Leaving: a page with a button, and the one click of mail programs (RFC 8058)."""

from newsletter import leaving
from newsletter.store import subscribers
from newsletter.store.joining import Way
from newsletter.web.desk import Visit, fields
from newsletter.web.replies import Reply

BUTTON = Reply("leave", "leave.html")
"""The same whoever the address stands for."""


def leave(at: Visit) -> Reply:
    """Let somebody go: at once, without a redirect, a cookie, or another question."""
    one_click = fields(at.request).get("List-Unsubscribe") == "One-Click"
    with at.desk.database.reading() as connection:
        email = subscribers.by_token(connection, at.secret)
    if email is None:
        return Reply("nobody's link", "stranger.html", 404)
    way = Way.ONE_CLICK if one_click else Way.PAGE
    leaving.leave(at.desk.database, at.desk.journal, [email], way, at.desk.now())
    return Reply("left", "left.html")
