"""The newsletter's verbs, each importing what it needs when it runs."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

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


def _place() -> "Place":
    from newsletter import place
    from press.config import find_root

    return place.of_author(find_root(Path.cwd()))


@contextmanager
def _ledger(where: "Place", *, make: bool = True) -> Iterator["Database"]:
    """The ledger, open; without `make`, an empty one in memory stands for one that is not there."""
    from newsletter.store.database import empty_ledger, open_ledger, path_of

    there = make or path_of(where.ledger).exists()
    database = open_ledger(where.ledger) if there else empty_ledger()
    try:
        yield database
    finally:
        database.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@cli.group("subscribers")
def subscribers_group() -> None:
    """Add, remove, list, import and export subscribers."""


@subscribers_group.command("add")
@click.argument("email")
def add(email: str) -> None:
    """Add a subscriber who has asked to be told."""
    from newsletter.store import subscribers

    with problems_reported():
        address = _address(email)
        with _ledger(_place()) as database, database.transaction() as connection:
            [outcome] = subscribers.add(connection, [address], "added by the author", _now())
        click.echo(f"{address}: {outcome}")
        if outcome is subscribers.Added.LEFT:
            sys.exit(PROBLEMS)


def _address(email: str) -> str:
    from newsletter.addresses import normalise
    from press.fields import Wrong
    from press.problems import Code, Problem, ProblemsFound

    try:
        return normalise(email)
    except Wrong as error:
        problem = Problem(email, 0, 0, Code.BAD_INPUT, f"this is no address: {error}")
        raise ProblemsFound([problem]) from None


@subscribers_group.command("remove")
@click.argument("email")
def remove(email: str) -> None:
    """Unsubscribe an address for good. Nothing is ever sent to it again."""
    from newsletter.store import subscribers

    with problems_reported():
        address = _address(email)
        with _ledger(_place()) as database, database.transaction() as connection:
            found = subscribers.remove(connection, address, "removed by the author", _now())
        click.echo(f"{address}: {'removed' if found else 'was no subscriber; never will be'}")


@subscribers_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_subscribers(as_json: bool) -> None:
    """List all subscribers, those who left among them."""
    import json
    from dataclasses import asdict

    from newsletter.store import subscribers

    with problems_reported(), _ledger(_place()) as database:
        with database.transaction() as connection:
            accounts = subscribers.everyone(connection)
        if as_json:
            click.echo(json.dumps([asdict(one) for one in accounts], ensure_ascii=False, indent=1))
        for one in () if as_json else accounts:
            click.echo(f"{one.email}  {one.standing}  {one.since}  {one.how}")


@subscribers_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_subscribers(file: Path) -> None:
    """Add the addresses of a CSV file: its column `email`, or one address a line.

    The good ones are added; each bad row is named. Nobody who left is brought back.
    """
    from collections import Counter

    from newsletter import csvfile
    from newsletter.store import subscribers
    from press.problems import Code, Problem, ProblemsFound

    with problems_reported(), _ledger(_place()) as database:
        try:
            rows = csvfile.read(file.name, file.read_bytes())
        except OSError as error:
            message = f"can't read this: {error.strerror}"
            raise ProblemsFound([Problem(str(file), 0, 0, Code.UNREADABLE, message)]) from None
        how = f"imported from {file.name}"
        with database.transaction() as connection:
            for email in rows.left:
                subscribers.remove(connection, email, how, _now())
            outcomes = Counter(subscribers.add(connection, rows.emails, how, _now()))
        counts = [f"{outcomes[outcome]:,} {outcome}" for outcome in subscribers.Added]
        click.echo(f"{', '.join(counts)}, {len(rows.problems):,} bad rows")
        if rows.problems:
            raise ProblemsFound(rows.problems)


@subscribers_group.command("export")
@click.argument("file", type=click.Path(path_type=Path), required=False)
def export_subscribers(file: Path | None) -> None:
    """Write all subscribers as CSV, to a file or to the screen."""
    from newsletter import csvfile
    from newsletter.store import subscribers
    from press.problems import Code, Problem, ProblemsFound

    with problems_reported(), _ledger(_place()) as database:
        with database.transaction() as connection:
            text = csvfile.write(subscribers.everyone(connection))
        if file is None:
            click.echo(text, nl=False)
            return
        try:
            file.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            message = f"can't write this: {error.strerror}"
            raise ProblemsFound([Problem(str(file), 0, 0, Code.UNREADABLE, message)]) from None
        click.echo(f"{file}: {text.count(chr(10)) - 1:,} subscribers")


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
        where = _place()
        if confirm is None:
            _dry_run(where, chosen)
        else:
            with _ledger(where) as database:
                _send(where, database, confirm, chosen)


def _dry_run(where: "Place", chosen: Sequence[str]) -> None:
    from newsletter import report
    from newsletter.send import prepare

    with _ledger(where, make=False) as database:
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
    if count:
        accepted = after.accepted - before.accepted
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
        where = _place()
        published = manifest.load(where.root / "site")
        with _ledger(where, make=False) as database, database.transaction() as connection:
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
    from press.config import find_root

    with problems_reported():
        where = place.of_demonstration(find_root(Path.cwd()))
        with _ledger(where) as database:
            click.echo(demonstration.announce(where, database))
