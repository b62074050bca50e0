"""Looks at whoever carries the mail: settings, credentials, and whether it knows the sender."""

from collections.abc import Iterator
from typing import Protocol, cast

from newsletter.connecting import connect
from newsletter.doctor_settings import of_problem
from newsletter.finding import Case
from newsletter.http import Refused
from newsletter.model import Failure
from newsletter.vouching import Vouched
from press.findings import Finding, ok, skipped, wrong
from press.problems import ProblemsFound


class _Vouching(Protocol):
    def vouch(self, sender: str) -> Vouched: ...


def connected(case: Case) -> Iterator[Finding]:
    """Make the provider, and say what keeps it from being made."""
    name = case.newsletter.provider
    try:
        case.carrier = connect(name, case.place, case.newsletter.options.get(name))
    except ProblemsFound as error:
        yield from (of_problem("provider", one) for one in error.problems)
        return
    what = "its settings and secrets are there" if case.carrier.leaves else "mail stays here"
    yield ok("provider", f"{name}: {what}")


def vouched(case: Case) -> Iterator[Finding]:
    """Ask the account, without a mail."""
    name = case.newsletter.provider
    if case.carrier is None:
        yield skipped("credentials", f"{name} can't be asked like this")
    elif not hasattr(case.carrier, "vouch"):
        yield skipped("credentials", f"{name} needs none")
    else:
        yield from _asked(case, name, cast("_Vouching", case.carrier))


def _asked(case: Case, name: str, carrier: _Vouching) -> Iterator[Finding]:
    try:
        case.vouched = carrier.vouch(case.sender)
    except Refused as error:
        yield _refusal(name, error)
        return
    if not case.vouched.asked:
        yield skipped("credentials", f"{name}: {case.vouched.said}")
        return
    case.hear(name, case.vouched.date)
    yield ok("credentials", f"{name} takes them")
    yield _identity(case.sender, name, case.vouched)


def _refusal(name: str, error: Refused) -> Finding:
    if error.failure is Failure.AUTH:
        do = "make a new key there, or look whether this one has the right to ask"
        return wrong("credentials", f"{name} refuses them: {error.detail}", do)
    if error.failure is Failure.NOT_SENT:
        do = "is this machine let out to it? some networks shut the ports of mail"
        return wrong("credentials", f"{name} can't be reached: {error.detail}", do)
    return wrong("credentials", f"{name} answers with: {error.detail}", "try again; or ask it")


def _identity(sender: str, name: str, found: Vouched) -> Finding:
    because = f" ({found.said})" if found.said else ""
    if found.sender is None:
        return skipped("identity", f"whether {sender} may send is not told{because}")
    if found.sender:
        return ok("identity", f"{name} has verified {sender}{because}")
    do = f"add its domain in the account of {name}, and the records that it asks for"
    return wrong("identity", f"{name} has not verified {sender}{because}", do)
