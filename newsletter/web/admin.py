"""For who runs it, in a browser: how many came and went, and what became of each article.

Numbers alone: there is nobody's address here, and nothing can be changed. Opened by a token, which
a browser asks for; it is no cookie, so no other page can make use of it.
"""

import os
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Request

from newsletter import report
from newsletter.model import Kind
from newsletter.store import asks, history, notes, tallies
from newsletter.store.history import Day
from newsletter.web import guard, plots, watching
from newsletter.web.desk import Visit
from newsletter.web.replies import Reply
from press.problems import Code, Problem, ProblemsFound

SHORTEST = 20
"""Characters of a token."""
TRIES = 30
"""How often a network may try a token in a minute."""
CHALLENGE = 'Basic realm="Proofpress", charset="UTF-8"'
MOST = 50
"""Rows of a table: the newest."""
DAILY = 92
"""Days that are shown one by one; more are shown by weeks."""
PARTS = ("accepted", "bounced", "complained", "unknown", "rejected")


def require_token() -> None:
    """Raises ProblemsFound unless the environment has a token that is hard to guess."""
    token = os.environ.get(watching.VARIABLE, "")
    if len(token) < SHORTEST:
        what = f"is shorter than {SHORTEST} characters" if token else "is not set"
        message = f"{watching.VARIABLE} {what}: it is what opens the pages of --admin"
        hint = "python -c 'import secrets; print(secrets.token_urlsafe(32))' makes one"
        raise ProblemsFound([Problem(watching.VARIABLE, 0, 0, Code.REFUSED, message, hint)])


def refusal(request: Request, taps: guard.Taps) -> int:
    """The status for who may not look; 0 for who may. Each try is one of a few, right or wrong."""
    if watching.token(request) is None:
        return 401
    if not taps.opens(guard.network(request.remote_addr or ""), time.monotonic()):
        return 429
    return 0 if watching.is_allowed(request) else 401


def page(at: Visit) -> Reply:
    with at.desk.database.reading() as connection:
        days = history.days(connection)
        now, unreachable = history.confirmed(connection)
        told = tallies.everything(connection)
        asked, noted = asks.tally(connection), notes.tally(connection)
    values = {
        "now": now,
        "unreachable": unreachable,
        "periods": periods(days, at.desk.clock().date()),
        "articles": _articles(report.summary(told, at.desk.published.now())),
        "asks": sorted(asked.items()),
        "notes": sorted((kind, state, count) for (kind, state), count in noted.items()),
    }
    shown = {**values, "most": MOST, "parts": PARTS, "plots": plots}
    return Reply("ok", "admin.html", values=shown, data=values)


def periods(days: Sequence[Day], today: date) -> list[dict[str, Any]]:
    """Who came and went by days, or by weeks from Monday on, and how many there were at the end.

    Days and weeks without a change are left out, but for the last, which is today's.
    """
    is_short = not days or (today - date.fromisoformat(days[0].day)).days < DAILY
    found: dict[str, dict[str, Any]] = {}
    total = 0
    for one in [*days, Day(today.isoformat(), 0, 0)]:
        name = one.day if is_short else _monday(one.day)
        total += one.came - one.went
        row = found.setdefault(name, {"since": name, "came": 0, "went": 0})
        row["came"] += one.came
        row["went"] += one.went
        row["total"] = total
    return list(found.values())


def _monday(day: str) -> str:
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()


def _articles(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What became of all digests together, and of each article, the newest first.

    Of an article that was told to nobody, nothing. Why some were skipped is left out: reasons are
    free text, which may name somebody.
    """
    told = [row for row in reversed(rows) if row["recorded"]]
    told = [row for row in told if row["planned"] or not row["baseline"]]
    digests = [row for row in told if row["kind"] == Kind.DIGEST]
    found = [report.together(digests)] if digests else []
    found += [row for row in told if row["kind"] != Kind.DIGEST]
    return [{**row, "skipped": sum(row["skipped"].values())} for row in found]
