"""The newsletter's verbs, each importing what it needs when it runs."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli_subscribers import subscribers_group
from newsletter.opening import here, ledger
from press.exits import PROBLEMS, problems_reported

if TYPE_CHECKING:
    from newsletter.place import Place
    from newsletter.send import Counts, Sender
    from newsletter.store.database import Database

UNKNOWN_REMAINS = 3


@click.group()
def cli() -> None:
    """Tell subscribers of new articles, once each.

    Exit status: 0 all is done, 1 there are problems or it was refused, 2 wrong usage,
    3 the outcome of some deliveries is unknown.
    """


cli.add_command(subscribers_group)


@cli.command()
@click.option("--confirm", type=click.IntRange(0), help="Do it, if it is this many messages.")
@click.option(
    "--announce",
    "chosen",
    multiple=True,
    metavar="ARTICLE",
    help="On the first run: an article that is new, by number, slug or id; or newest; or all.",
)
def send(confirm: int | None, chosen: tuple[str, ...]) -> None:
    """Tell each subscriber of each new article. A dry run, unless confirmed.

    On the first run, all articles that are published already are recorded as known.
    """
    with problems_reported():
        where = here()
        if confirm is None:
            _dry_run(where, chosen)
        else:
            with ledger(where) as database:
                _send(where, database, confirm, chosen)


def _dry_run(where: "Place", chosen: Sequence[str]) -> None:
    from newsletter import report
    from newsletter.send import prepare

    with ledger(where, make=False) as database:
        sender = prepare(where, database)
        intent = sender.intend(chosen)
        for line in report.intent(intent, sender):
            click.echo(line)
    if intent.is_something:
        named = [word for name in chosen for word in ("--announce", name)]
        command = [*_command(), *named, "--confirm", str(intent.messages)]
        click.echo(f"nothing is done yet; to do it:\n    {shlex.join(command)}")


def _command() -> list[str]:
    """The command that is running, as one would type it."""
    words = click.get_current_context().command_path.split()
    return ["python", *words] if words[0].endswith(".py") else words


def _send(where: "Place", database: "Database", count: int, chosen: Sequence[str]) -> None:
    from newsletter.send import prepare
    from press.problems import ProblemsFound

    sender = prepare(where, database)
    before = sender.counts()
    try:
        intent = sender.send(count, chosen)
        if intent.plan.baseline:
            click.echo(f"{len(intent.plan.baseline)} articles recorded as known, told to nobody")
        if not intent.is_something:
            click.echo("there is nothing to tell: nothing was sent")
    except ProblemsFound as error:
        click.echo(str(error), err=True)
        sys.exit(_status(sender, before, count, PROBLEMS))
    sys.exit(_status(sender, before, count, 0))


def _status(sender: "Sender", before: "Counts", count: int, status: int) -> int:
    """Say how many were accepted; the exit status, which unknown deliveries decide."""
    after = sender.counts()
    found = after.found - before.found
    if found:
        click.echo(f"{found:,} of an earlier run had been accepted, says {sender.provider_name}")
    if count:
        accepted = after.accepted - before.accepted - found
        click.echo(f"{accepted:,} of {count:,} messages accepted by {sender.provider_name}")
    if after.unknown:
        click.echo(f"{after.unknown:,} unknown: see newsletter status", err=True)
        return UNKNOWN_REMAINS
    return status


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(as_json: bool) -> None:
    """Show for each article how many were told, and what is unknown."""
    import json

    from newsletter import report
    from newsletter.store import deliveries
    from press import manifest

    with problems_reported():
        where = here()
        published = manifest.load(where.root / "site")
        with ledger(where, make=False) as database, database.transaction() as connection:
            tallies = deliveries.tallies(connection)
        rows = report.summary(tallies, published)
        if as_json:
            click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        for line in () if as_json else report.status(rows):
            click.echo(line)
        if any(row["unknown"] for row in rows):
            sys.exit(UNKNOWN_REMAINS)


@cli.command()
def demo() -> None:
    """Announce the newest article to a sample subscriber, into demo/outbox."""
    from newsletter import demonstration, place
    from press import root

    with problems_reported():
        where = place.of_demonstration(root.find(Path.cwd()))
        with ledger(where) as database:
            click.echo(demonstration.announce(where, database))
