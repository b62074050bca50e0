"""The verbs about the ledger itself, each importing what it needs when it runs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

import click

from newsletter.opening import here, journal_of, ledger, now
from press.exits import problems_reported

if TYPE_CHECKING:
    from newsletter.store.database import Connection


@click.command()
@click.option("--assume-sent", "sent", is_flag=True, help="They were accepted.")
@click.option("--resend", is_flag=True, help="They were not: hand them over again.")
@click.option("--article", metavar="ID", help="Only those of this article, or digest.")
@click.option("--note", default="", help="Why, kept with the decision.")
@click.option("--confirm", type=click.IntRange(1), help="Do it, if it is this many deliveries.")
def settle(sent: bool, resend: bool, article: str | None, note: str, confirm: int | None) -> None:
    """Decide what nobody else can tell: whether deliveries that are unknown were accepted."""
    from newsletter import gates
    from newsletter.store import batches, evidence

    if sent == resend:
        raise click.UsageError("say --assume-sent or --resend")
    decided = evidence.Decided.SENT if sent else evidence.Decided.RESEND
    with (
        problems_reported(),
        ledger(here()) as database,
        database.sending() as right,
        database.transaction() as connection,
    ):
        gates.require_current(database, connection)
        # What a sender was handing over when it died is unknown as well.
        batches.take_over(connection, database.others(connection, right.owner), now())
        _require_known(connection, article)
        ids = evidence.unknown(connection, article)
        if confirm is not None and confirm != len(ids):
            _refuse("settle", f"{len(ids):,} deliveries are unknown, not {confirm:,}")
        if confirm is not None:
            evidence.decide(connection, ids, decided, note, now())
    count = f"{len(ids):,} unknown deliver{'y' if len(ids) == 1 else 'ies'}"
    if confirm is not None:
        click.echo(f"{count} settled: {decided}")
    elif ids:
        click.echo(f"{count} would be settled: {decided}; to do it: --confirm {len(ids)}")
    else:
        click.echo("no delivery is unknown")


def _require_known(connection: "Connection", article: str | None) -> None:
    """Raise ProblemsFound for an article that was never announced."""
    from newsletter.store import announcements
    from press.problems import did_you_mean

    known = {*announcements.known(connection), *announcements.digests(connection)}
    if article is not None and article not in known:
        message = f"no article or digest with the id `{article}` was announced"
        _refuse("--article", message, did_you_mean(article, known))


def _refuse(what: str, message: str, hint: str = "") -> NoReturn:
    from press.problems import Code, Problem, ProblemsFound

    raise ProblemsFound([Problem(what, 0, 0, Code.REFUSED, message, hint)])


@click.command()
def adopt() -> None:
    """Say that this ledger is the one to go on with, here: after it was moved or copied.

    The copy that it was made from must not send any more. Where its journal is lost, another one
    begins.
    """
    from newsletter.journal import Begun
    from newsletter.store import identity

    with problems_reported():
        where = here()
        with ledger(where) as database, database.transaction() as connection:
            identity.settle_at(connection, database.home(connection))
            journal = journal_of(where, connection)
            if identity.has_tried(connection) and not journal.has_what_was_tried():
                journal.note(Begun(now()))
        click.echo("this ledger sends from here; its other copies must not")


@click.command()
def reconcile() -> None:
    """Give a ledger that was restored from a copy back what its journal remembers.

    What it had forgotten to have handed over is unknown then: the next send asks the provider; else
    settle decides. Who has left since then is not told any more.
    """
    from newsletter import gates
    from newsletter.store.remembering import Remembering
    from press import manifest

    with problems_reported():
        where = here()

        def published() -> Iterable[manifest.Entry]:
            return manifest.load(where.root / "site").articles

        with ledger(where) as database, database.sending(), database.planning() as connection:
            gates.require_current(database, connection)
            journal = journal_of(where, connection)
            counts = Remembering(connection, now(), published).take_all(journal.all())
        click.echo(f"{counts.deliveries:,} deliveries remembered: what came of them is unknown")
        if counts.left:
            click.echo(f"{counts.left:,} remembered to have left")
        if counts.came:
            click.echo(f"{counts.came:,} remembered to have come back")
        if counts.lost:
            click.echo(f"{counts.lost:,} remembered to have come, whose addresses are lost: "
                       "they have to subscribe again")  # fmt: skip


@click.command()
@click.argument("url")
def move(url: str) -> None:
    """Carry the whole ledger to another database, verify it, and leave this one behind.

    A password does not belong into URL, which every user of this machine can read while this runs:
    PostgreSQL takes it from PGPASSWORD or from ~/.pgpass.
    """
    from newsletter import gates
    from newsletter.store import moving
    from newsletter.store.database import open_ledger

    with problems_reported():
        where = here()
        if moving.has_secret(url):
            hint = "set PGPASSWORD, or write it into ~/.pgpass"
            _refuse("move", "a password in a command can be read by others", hint)
        with ledger(where) as database, database.sending() as right:
            with database.transaction() as connection:
                gates.Ledger(database, journal_of(where, connection)).require(connection)
            target = open_ledger(url)
            try:
                counts = moving.move(database, target, right.owner)
            finally:
                target.close()
        for name, count in counts.items():
            click.echo(f"{count:>9,} {name}")
        click.echo("all is there, and the same: set PROOFPRESS_LEDGER to the new URL")


LEDGER_VERBS = (settle, adopt, reconcile, move)
