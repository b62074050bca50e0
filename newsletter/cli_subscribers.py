"""The verbs about subscribers, each importing what it needs when it runs."""

import sys
from pathlib import Path

import click

from newsletter.opening import here, ledger, now
from press.exits import PROBLEMS, problems_reported


@click.group("subscribers")
def subscribers_group() -> None:
    """Add, remove, list, import and export subscribers."""


@subscribers_group.command("add")
@click.argument("email")
def add(email: str) -> None:
    """Add a subscriber who has asked to be told."""
    from newsletter.store import subscribers

    with problems_reported():
        address = _address(email)
        with ledger(here()) as database, database.transaction() as connection:
            [outcome] = subscribers.add(connection, [address], "added by the author", now())
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
        with ledger(here()) as database, database.transaction() as connection:
            found = subscribers.remove(connection, address, "removed by the author", now())
        click.echo(f"{address}: {'removed' if found else 'was no subscriber; never will be'}")


@subscribers_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_subscribers(as_json: bool) -> None:
    """List all subscribers, those who left among them."""
    import json
    from dataclasses import asdict

    from newsletter.store import subscribers

    with problems_reported(), ledger(here()) as database:
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

    with problems_reported(), ledger(here()) as database:
        try:
            rows = csvfile.read(file.name, file.read_bytes())
        except OSError as error:
            message = f"can't read this: {error.strerror}"
            raise ProblemsFound([Problem(str(file), 0, 0, Code.UNREADABLE, message)]) from None
        how = f"imported from {file.name}"
        with database.transaction() as connection:
            for email in rows.left:
                subscribers.remove(connection, email, how, now())
            outcomes = Counter(subscribers.add(connection, rows.emails, how, now()))
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

    with problems_reported(), ledger(here()) as database:
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
