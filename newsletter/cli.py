"""The newsletter's verbs, each importing what it needs when it runs."""

import sys
from pathlib import Path

import click

from newsletter.cli_bounces import bounces
from newsletter.cli_doctor import doctor
from newsletter.cli_ledger import LEDGER_VERBS
from newsletter.cli_send import UNKNOWN_REMAINS, send
from newsletter.cli_serve import serve
from newsletter.cli_subscribers import subscribers_group
from newsletter.cli_wishes import prefer
from newsletter.opening import here, ledger
from press.exits import problems_reported


@click.group()
def cli() -> None:
    """Tell subscribers of new articles, once each.

    Exit status: 0 all is done, 1 there are problems or it was refused, 2 wrong usage, 3 the outcome
    of some deliveries is unknown, 4 the provider takes nothing more for now, 5 a gate is shut.
    """


subscribers_group.add_command(prefer)
cli.add_command(subscribers_group)
for _verb in (send, serve, doctor, *LEDGER_VERBS, bounces):
    cli.add_command(_verb)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(as_json: bool) -> None:
    """Show for each article how many were told, and what is unknown."""
    import json

    from newsletter import report
    from newsletter.store import tallies
    from press import manifest

    with problems_reported():
        where = here()
        published = manifest.load(where.root / "site")
        with ledger(where, make=False) as database, database.transaction() as connection:
            counted = tallies.everything(connection)
        rows = report.summary(counted, published)
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
