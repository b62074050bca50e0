"""The verb about mail that returns; it imports what it needs when it runs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.opening import here, journal_of, ledger, now
from press.exits import problems_reported

if TYPE_CHECKING:
    from press.config import Newsletter


@click.command()
@click.argument("mailbox", type=click.Path(path_type=Path))
def bounces(mailbox: Path) -> None:
    """Take the bounces and complaints that have come by mail to MAILBOX, a maildir or an mbox.

    Of a maildir, what is taken is marked as seen; what tells nothing of a mail of ours is left.
    """
    from newsletter.mailboxes import Reader
    from newsletter.store.following import MOST_SOFT
    from press import config

    with problems_reported():
        where = here()
        newsletter = config.load(where.root).newsletter
        with ledger(where) as database:
            with database.transaction() as connection:
                journal = journal_of(where, connection)
            most = newsletter.soft_bounces if newsletter else MOST_SOFT
            reader = Reader(database, journal, _returns_to(newsletter), most, now())
            counts = reader.read(mailbox)
    click.echo(f"{counts.taken:,} taken, {counts.known:,} known before, {counts.strange:,} left")


def _returns_to(newsletter: "Newsletter | None") -> str:
    """The address that bounces go to, as [newsletter.smtp] has it."""
    options = newsletter.options.get("smtp", {}) if newsletter else {}
    return str(options.get("bounces", ""))
