"""Looks at what readers reach, from outside in: the newest page, the way to leave, the clock."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

from msgspec.structs import replace

from newsletter import gates
from newsletter.doctor_settings import of_problem
from newsletter.finding import Case, Heard
from newsletter.http import Refused, Request, Response
from press.findings import Finding, ok, skipped, wrong

FORM = re.compile(rb"<form\b[^>]*\bmethod\s*=\s*[\"']?post", re.IGNORECASE)
ONE_CLICK = Request(
    "POST", "", b"List-Unsubscribe=One-Click",
    {"Content-Type": "application/x-www-form-urlencoded"},
)  # fmt: skip
"""What a mail program sends (RFC 8058, 3.2)."""
FAR = 60.0
"""Seconds by which a clock may differ: signatures of some providers are good for 5 minutes."""


def site(case: Case) -> Iterator[Finding]:
    """Whether the newest article is there as it was built."""
    if case.manifest is None or not case.manifest.articles:
        yield skipped("site", "it is not built, or has no article")
    elif not case.leaves:
        yield skipped("site", "no mail leaves this machine")
    else:
        newest = max(case.manifest.articles, key=lambda one: datetime.fromisoformat(one.date))
        without = replace(case.newsletter, unsubscribe_url="")
        problems = list(gates.live(_fetch(case), without, case.manifest, [newest]))
        yield from (of_problem("site", one) for one in problems)
        if not problems:
            yield ok("site", f"{newest.url} is as it was built")


def _fetch(case: Case) -> gates.Fetch:
    def fetch(address: str) -> Response:
        found = gates.fetch(address)
        case.hear(address, found.headers.get("date", ""))
        return found

    return fetch


def way_out(case: Case) -> Iterator[Finding]:
    """Whether one can leave, by a page and by one click, tried with a token that is nobody's."""
    if not case.newsletter.unsubscribe_url:
        yield skipped("unsubscribe", "there is no address to try")
        return
    address = case.newsletter.unsubscribe_url.replace("{token}", gates.SAMPLE)
    yield _page(case, address)
    yield _one_click(case, address)


def _page(case: Case, address: str) -> Finding:
    do = "newsletter serve has to answer there, through whatever stands before it"
    try:
        found = _fetch(case)(address)
    except Refused as error:
        return wrong("unsubscribe", f"{address} can't be seen: {error.detail}", do)
    if found.status != 200:
        return wrong("unsubscribe", f"{address} answers with status {found.status}", do)
    if not FORM.search(found.body):
        return wrong("unsubscribe", f"{address} shows no form with a button", do)
    return ok("unsubscribe", f"{address} shows a button, and does nothing by itself")


def _one_click(case: Case, address: str) -> Finding:
    try:
        status = gates.ask(address, ONE_CLICK).status
    except Refused as error:
        return wrong("one-click", f"a POST to {address} has no answer: {error.detail}")
    if 300 <= status < 400:
        do = "let the address itself answer: a redirect is followed by nobody (RFC 8058, 3.1)"
        return wrong("one-click", f"a POST to {address} is sent elsewhere (status {status})", do)
    if status in ((404,) if case.newsletter.app_url else (200, 202, 204, 404, 410)):
        return ok("one-click", "a POST without a cookie or a page before it is answered")
    do = "404 is the answer to a token of nobody; does something before it answer instead?"
    return wrong("one-click", f"a POST to {address} is answered with status {status}", do)


def clock(case: Case) -> Iterator[Finding]:
    """Compare our time with that of others; the first that says it readably counts."""
    for heard in case.heard:
        seconds = _ahead(heard)
        if seconds is not None:
            yield _clock(heard.who, seconds)
            return
    yield skipped("clock", "nobody was heard who says the time")


def _ahead(heard: Heard) -> float | None:
    """Seconds that our clock is ahead; None where the header is none (RFC 9110, 6.6.1)."""
    try:
        return (heard.at - parsedate_to_datetime(heard.date)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None


def _clock(who: str, seconds: float) -> Finding:
    if abs(seconds) <= FAR:
        return ok("clock", f"it is that of {who}")
    said = f"it is {abs(seconds):,.0f} seconds {'ahead of' if seconds > 0 else 'behind'} {who}"
    return wrong("clock", said, "set it by NTP: signatures and links are good for some time only")
