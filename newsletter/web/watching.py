"""For who runs it: whether it works, and how much it does (Prometheus' text format 0.0.4)."""

import hmac
import os
from collections.abc import Iterator, Mapping

from flask import Request, Response

from newsletter.model import State
from newsletter.store import asks, notes, tallies
from newsletter.web.desk import Desk
from press.problems import ProblemsFound

VARIABLE = "PROOFPRESS_ADMIN_TOKEN"  # its name
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]


def is_allowed(request: Request) -> bool:
    """Whether somebody has the token that the environment names; nobody has where there is none."""
    wanted = os.environ.get(VARIABLE, "")
    given = token(request) or ""
    same = hmac.compare_digest(given.encode(errors="replace"), wanted.encode(errors="replace"))
    return bool(wanted) and same


def token(request: Request) -> str | None:
    """What somebody gives as a token, or as a password; None where nothing is given."""
    try:
        given = request.authorization
    except ValueError:  # what Werkzeug can't read
        return ""
    if given is None:
        return None if "Authorization" not in request.headers else ""
    return {"bearer": given.token, "basic": given.password}.get(given.type) or ""


def health(desk: Desk) -> Response:
    """200 if the ledger can be used, else 503."""
    try:
        with desk.database.reading() as connection:
            tallies.count(connection, State.UNKNOWN)
    except ProblemsFound:
        return Response("the ledger can't be used\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")


def metrics(desk: Desk) -> Response:
    with desk.database.reading() as connection:
        asked = asks.tally(connection)
        noted = notes.tally(connection)
        told = tallies.everything(connection)
    lines = [
        *_counter("asks", "What strangers asked for, by what became of it.",
                  [({"fate": fate}, count) for fate, count in sorted(asked.items())]),
        *_counter("notes", "Mails to one person each, by kind and state.",
                  [({"kind": kind, "state": state}, count)
                   for (kind, state), count in sorted(noted.items())]),
        *_counter("deliveries", "Deliveries of announcements, by state.", _by_state(told)),
    ]  # fmt: skip
    return Response("".join(f"{line}\n" for line in lines), content_type=MEDIA_TYPE)


def _by_state(told: list[tallies.Tally]) -> list[tuple[Labels, int]]:
    counts: dict[str, int] = {}
    for one in told:
        if one.state:
            counts[one.state] = counts.get(one.state, 0) + one.count
    return [({"state": state}, count) for state, count in sorted(counts.items())]


def _counter(name: str, about: str, values: list[tuple[Labels, int]]) -> Iterator[str]:
    full = f"proofpress_{name}"
    yield f"# HELP {full} {about}"
    yield f"# TYPE {full} gauge"
    for labels, count in values:
        said = ",".join(f'{key}="{value}"' for key, value in labels.items())
        yield f"{full}{{{said}}} {count}"
