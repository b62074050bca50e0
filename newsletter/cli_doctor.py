"""The verb that looks whether mail would arrive, importing what it needs when it runs."""

import sys

import click

from newsletter.opening import here
from press.exits import PROBLEMS, problems_reported


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--dns", "server", default="", metavar="ADDRESS", help="Ask this server of the DNS.")
def doctor(as_json: bool, server: str) -> None:
    """Look at all that mail hangs on, and say what to mend; send and change nothing.

    Exit status 1 if something is wrong; what was skipped is not.
    """
    import json
    from dataclasses import asdict

    from newsletter import doctor as doing
    from newsletter.dns import names
    from press.findings import Health, lines, total

    with problems_reported():
        found = []
        for one in doing.examine(here(), names(server)):
            found.append(one)
            for line in () if as_json else lines(one):
                click.echo(line)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        click.echo(f"\n{total(found)}")
    if any(one.health is Health.WRONG for one in found):
        sys.exit(PROBLEMS)
