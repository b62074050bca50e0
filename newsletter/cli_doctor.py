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
    from newsletter import doctor as doing
    from newsletter.dns import names
    from press.findings import tell

    with problems_reported():
        well = tell(doing.examine(here(), names(server)), as_json=as_json)
    sys.exit(0 if well else PROBLEMS)
