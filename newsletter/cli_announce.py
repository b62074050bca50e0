"""The last step of `publish`: tells subscribers of what is live, with the count typed."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli_send import UNKNOWN_REMAINS, hand_over, problems_told
from newsletter.opening import ledger
from press.exits import PROBLEMS

if TYPE_CHECKING:
    from newsletter.intents import Choice, Intent
    from newsletter.place import Place

NOBODY = "nobody is to be told"

Told = tuple[int, str, bool]
"""An exit status, as `newsletter send` has it, what came of it in a few words, and whether any
was told."""


def announce(
    root: Path,
    site: Path,
    confirm: int | None,
    articles: Sequence[str],
    command: Sequence[str],
    *,
    dry: bool,
) -> Told:
    """Tell of what is new in a built site, if it is `confirm` messages. A `dry` run only counts.

    Without a count it is asked for on a terminal; elsewhere `command` is shown with it. On the
    first run, `articles` are those that are new.
    """
    from newsletter import place

    where = place.of_author(root)
    try:
        with problems_told():
            return _announce(where, site, confirm, articles, command, dry=dry)
    except SystemExit as end:
        return int(end.code or 0), "not announced", False


def _announce(
    where: "Place",
    site: Path,
    confirm: int | None,
    articles: Sequence[str],
    command: Sequence[str],
    *,
    dry: bool,
) -> Told:
    choice, intent = _intent(where, site, articles, verify=not dry)
    if not intent.is_something:
        return UNKNOWN_REMAINS if intent.unknown else 0, NOBODY, False
    if confirm is None and not dry and intent.messages:
        confirm = _typed(intent.messages)
    if dry or confirm is None:
        options = [word for name in choice.announce for word in ("--announce", name)]
        done = shlex.join([*command, *options, "--confirm", str(intent.messages)])
        hint = "" if intent.messages else "; or name what is new, as in --announce newest"
        click.echo(f"nobody is told yet; to do it:\n    {done}{hint}")
        return 0, f"the announcement waits for --confirm {intent.messages}", False
    if not intent.plan.messages and intent.resumed <= confirm:
        confirm = intent.resumed  # which was confirmed when it began
    with ledger(where) as database:
        status = hand_over(where, database, confirm, choice, verify=True)
    if status:
        return status, "not announced to all", True
    return (0, "announced", True) if intent.messages else (0, NOBODY, False)


def _intent(
    where: "Place", site: Path, articles: Sequence[str], *, verify: bool
) -> "tuple[Choice, Intent]":
    """What there is to tell, shown. Raises Shut, if it would be verified."""
    from newsletter import report
    from newsletter.intents import Choice
    from newsletter.send import prepare
    from newsletter.store import announcements

    with ledger(where, make=False) as database:
        with database.transaction() as connection:
            is_first = not announcements.known(connection)
        choice = Choice(announce=articles if is_first else ())
        sender = prepare(where, database, site=site)
        intent = sender.intend(choice)
        for line in report.intent(intent, sender):
            click.echo(line)
        if verify:
            sender.check(intent)
    return choice, intent


def _typed(count: int) -> int | None:
    """The number that somebody types; None where nobody could."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    said = click.prompt(f"to tell them now, type {count}", default="", show_default=False)
    if said.strip() != str(count):
        click.echo("nobody is told: that is another number", err=True)
        sys.exit(PROBLEMS)
    return count
