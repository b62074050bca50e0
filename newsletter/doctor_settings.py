"""Looks at what the author has set: series.toml, and the keys of the environment."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter import gates
from newsletter.finding import Case
from newsletter.vouching import domain
from newsletter.web import options, stamps
from press.findings import Finding, ok, wrong
from press.problems import Problem, ProblemsFound

OF_NOBODY = re.compile(r"(?:.*\.)?(?:example\.(?:com|net|org)|example|invalid)", re.IGNORECASE)
"""Names that stand for others in examples (RFC 2606)."""
PLACEHOLDER = re.compile(r"\bexample|\bstreet name\b|\bxxx|\btodo\b|\blorem\b", re.IGNORECASE)
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def findings(case: Case) -> Iterator[Finding]:
    yield from _placeholders(case)
    yield from _postal_address(case)
    yield from _way_out(case)
    yield from _tables(case)
    yield from _keys(case)


def of_problem(check: str, problem: Problem) -> Finding:
    return wrong(check, f"{problem.where}: {problem.message}", problem.hint)


def _placeholders(case: Case) -> Iterator[Finding]:
    letter = case.newsletter
    places = {
        "url": urlsplit(case.config.url).hostname or "",
        "from": domain(case.sender),
        "reply-to": domain(letter.reply_address),
        "app-url": urlsplit(letter.app_url).hostname or "",
    }
    bad = [f"`{key}` is at {name}" for key, name in places.items() if OF_NOBODY.fullmatch(name)]
    if bad:
        said = f"{', '.join(bad)}, which stands for others in examples (RFC 2606)"
        yield wrong("series.toml", said, "put in what is yours")
    else:
        yield ok("series.toml", f"mail is from {case.sender}, and answers go to "
                                f"{letter.reply_address}")  # fmt: skip


def _postal_address(case: Case) -> Iterator[Finding]:
    address = " ".join(case.newsletter.postal_address.split())
    if PLACEHOLDER.search(address):
        do = "the law of many places asks for a valid one in each mail"
        yield wrong("postal-address", f"“{address}” is a placeholder", do)
    else:
        yield ok("postal-address", address)


def _way_out(case: Case) -> Iterator[Finding]:
    letter = case.newsletter
    problems = list(gates.settings(letter)) if case.leaves else []
    yield from (of_problem("app-url", one) for one in problems)
    if letter.app_url and case.leaves and urlsplit(letter.app_url).hostname in LOOPBACK:
        do = "an https address that subscribers can reach"
        yield wrong("app-url", f"{letter.app_url} leads to this machine alone", do)
    elif letter.unsubscribe_url:
        yield ok("app-url", f"one leaves at {letter.unsubscribe_url}")


def _tables(case: Case) -> Iterator[Finding]:
    """Those within [newsletter] that are no provider's."""
    try:
        options.read(case.newsletter.options.get("serve", {}))
        _ = case.own
    except ProblemsFound as error:
        yield from (of_problem("series.toml", one) for one in error.problems)


def _keys(case: Case) -> Iterator[Finding]:
    if not case.newsletter.app_url:
        return
    make = "python -c 'import secrets; print(secrets.token_urlsafe(32))' makes one"
    try:
        count = len(stamps.keys())
    except ProblemsFound as error:
        yield from (of_problem("keys", one) for one in error.problems)
        return
    if os.environ.get(stamps.VARIABLE, "").strip(" ,"):
        yield ok("keys", f"{stamps.VARIABLE} has {count}, of which the first signs")
    else:
        said = f"{stamps.VARIABLE} is not set: what is signed is good until `serve` ends"
        yield wrong("keys", said, make)
