"""The verbs about subscribers, each importing what it needs when it runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.opening import here, journal_of, ledger, now
from press.exits import PROBLEMS, problems_reported

if TYPE_CHECKING:
    from newsletter.csvfile import Row
    from newsletter.journal import Journal
    from newsletter.store.database import Connection, Database
    from press.problems import Problem

BY_AUTHOR = "removed by the author"


@click.group("subscribers")
def subscribers_group() -> None:
    """Add, remove, list, import and export subscribers."""


@contextmanager
def _opened() -> "Iterator[tuple[Database, Journal]]":
    """The ledger and its journal; what is wrong is reported."""
    with problems_reported():
        where = here()
        with ledger(where) as database:
            with database.transaction() as connection:
                journal = journal_of(where, connection)
            yield database, journal


@contextmanager
def _adding(database: "Database") -> "Iterator[Connection]":
    """A transaction in which somebody can be added, so that no other ledger goes on meanwhile."""
    from newsletter import gates

    with database.transaction() as connection:
        gates.require_current(database, connection)
        yield connection


@subscribers_group.command("add")
@click.argument("email")
def add(email: str) -> None:
    """Add a subscriber who has asked to be told."""
    from newsletter.addresses import checked
    from newsletter.store import subscribers

    with _opened() as (database, _):
        address = checked(email)
        with _adding(database) as connection:
            [outcome] = subscribers.add(connection, [address], "added by the author", now())
        click.echo(f"{address}: {outcome}")
        if outcome is subscribers.Added.LEFT:
            sys.exit(PROBLEMS)


@subscribers_group.command("remove")
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
def remove(emails: tuple[str, ...]) -> None:
    """Unsubscribe addresses for good. Nothing is ever sent to them again."""
    from newsletter.addresses import checked
    from newsletter.leaving import leave

    with _opened() as (database, journal):
        for address in [checked(email) for email in emails]:
            known = leave(database, journal, [address], BY_AUTHOR, now())
            click.echo(f"{address}: {'removed' if known else 'was no subscriber; never will be'}")


@subscribers_group.command("show")
@click.argument("email")
def show(email: str) -> None:
    """Show all that is kept of somebody, as JSON: for them, if they ask."""
    import json

    from newsletter.addresses import checked
    from newsletter.store import personal

    with problems_reported():
        address = checked(email)
        with ledger(here()) as database, database.transaction() as connection:
            found = personal.about(connection, address)
        if found is None:
            click.echo(f"{address}: nothing is kept")
            sys.exit(PROBLEMS)
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@subscribers_group.command("erase")
@click.argument("email")
def erase(email: str) -> None:
    """Forget somebody for good, but for a name by which nobody writes to them again."""
    from newsletter import leaving
    from newsletter.addresses import checked

    with _opened() as (database, journal):
        address = checked(email)
        known = leaving.erase(database, journal, address, now())
        click.echo(f"{address}: {'erased' if known else 'was no subscriber; never will be'}")


@subscribers_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_subscribers(as_json: bool) -> None:
    """List all subscribers, those who left among them."""
    import json
    from dataclasses import asdict

    from newsletter.store import subscribers

    with problems_reported(), ledger(here()) as database:
        with database.transaction() as connection:
            accounts = list(subscribers.everyone(connection))
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
    from newsletter import csvfile
    from press.problems import Code, Problem, ProblemsFound

    with _opened() as (database, journal):
        problems: list[Problem] = []
        try:
            with file.open("rb") as content:
                rows = csvfile.read(file.name, content)
                _take(database, journal, rows, problems, f"imported from {file.name}")
        except OSError as error:
            message = f"can't read this: {error.strerror}"
            raise ProblemsFound([Problem(str(file), 0, 0, Code.UNREADABLE, message)]) from None
        if problems:
            raise ProblemsFound(problems)


def _take(
    database: "Database",
    journal: "Journal",
    rows: "Iterator[Row | Problem]",
    problems: "list[Problem]",
    how: str,
) -> None:
    """Add the good rows, some at a time, and collect what is wrong with the others."""
    from collections import Counter

    from newsletter.csvfile import Row
    from newsletter.leaving import AT_ONCE, leave
    from newsletter.store import subscribers
    from newsletter.store.portions import portions

    outcomes: Counter[str] = Counter()
    removed = 0
    for some in portions(rows, AT_ONCE):
        good = [row for row in some if isinstance(row, Row)]
        problems += [row for row in some if not isinstance(row, Row)]
        removed += leave(database, journal, [row.email for row in good if row.left], how, now())
        with _adding(database) as connection:
            emails = [row.email for row in good if not row.left]
            outcomes.update(subscribers.add(connection, emails, how, now()))
    counts = [f"{outcomes[outcome]:,} {outcome}" for outcome in subscribers.Added]
    counts += [f"{removed:,} removed, as the file says"] if removed else []
    click.echo(f"{', '.join(counts)}, {len(problems):,} bad rows")


@subscribers_group.command("export")
@click.argument("file", type=click.Path(path_type=Path), required=False)
def export_subscribers(file: Path | None) -> None:
    """Write all subscribers as CSV, to a file or to the screen, and who must not be written to."""
    import os
    from itertools import chain

    from newsletter import csvfile
    from newsletter.store import subscribers
    from press.problems import Code, Problem, ProblemsFound

    with problems_reported(), ledger(here()) as database, database.transaction() as connection:
        accounts = chain(subscribers.everyone(connection), subscribers.strangers(connection))
        if file is None:
            csvfile.write(accounts, sys.stdout)
            return
        try:
            private = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(private, "w", encoding="utf-8", newline="") as target:
                count = csvfile.write(accounts, target)
        except OSError as error:
            message = f"can't write this: {error.strerror}"
            raise ProblemsFound([Problem(str(file), 0, 0, Code.UNREADABLE, message)]) from None
        click.echo(f"{file}: {count:,} subscribers")
