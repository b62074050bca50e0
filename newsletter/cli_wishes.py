"""The verb for what a subscriber wishes, importing what it needs when it runs."""

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from newsletter.cli_send import one_of
from newsletter.opening import here, ledger
from press.exits import PROBLEMS, problems_reported

if TYPE_CHECKING:
    from newsletter.place import Place
    from newsletter.store.wishes import Wishes


@click.command()
@click.argument("email")
@click.option("--each", "cadence", flag_value="each", help="Tell them of each article.")
@click.option("--weekly", "cadence", flag_value="weekly", help="Tell them in a weekly digest.")
@click.option(
    "--course",
    type=int,
    metavar="DAYS",
    help="Tell them part by part from the first, one each so many days.",
)
@click.option("--topic", "topics", multiple=True, metavar="TAG", help="Only of articles with it.")
@click.option("--all-topics", is_flag=True, help="Of all articles, whatever their tags.")
@click.option("--pause/--resume", "paused", default=None, help="Tell them nothing for now; again.")
def prefer(
    email: str,
    cadence: str | None,
    course: int | None,
    topics: tuple[str, ...],
    all_topics: bool,
    paused: bool | None,
) -> None:
    """Set what a subscriber wishes to be told, and show it.

    What is not named stays as it was.
    """
    from newsletter import gates
    from newsletter.addresses import checked
    from newsletter.store import joining, wishes

    one_of(**{"--each and --weekly": cadence, "--course": course is not None})
    one_of(**{"--topic": topics, "--all-topics": all_topics})
    with problems_reported():
        where = here()
        address = checked(email)
        _require_tags(where, topics)
        with ledger(where) as database, database.transaction() as connection:
            gates.require_current(database, connection)
            who = joining.is_subscriber(connection, address)
            if who is None:
                click.echo(f"{address}: no subscriber")
                sys.exit(PROBLEMS)
            wished = wishes.of(connection, who)
            wished = _with_cadence(wished, "course" if course is not None else cadence, course)
            wished = _with_topics(wished, topics, all_topics=all_topics)
            wished = _with_pause(wished, paused)
            wishes.set(connection, who, wished)
        click.echo(f"{address}: {_said(wished)}")


def _require_tags(where: "Place", topics: Collection[str]) -> None:
    """Raise ProblemsFound for a topic that no article has."""
    from press import manifest
    from press.problems import Code, Problem, ProblemsFound, did_you_mean

    if not topics:
        return
    published = manifest.load(where.root / "site")
    tags = sorted({tag for article in published.articles for tag in article.tags})
    problems = [
        Problem("--topic", 0, 0, Code.BAD_INPUT, f"no article has the tag `{one}`",
                did_you_mean(one, tags) or f"there are: {', '.join(tags) or 'none'}")
        for one in topics
        if one not in tags
    ]  # fmt: skip
    if problems:
        raise ProblemsFound(problems)


def _with_cadence(wished: "Wishes", cadence: str | None, days: int | None) -> "Wishes":
    from dataclasses import replace

    from newsletter.model import Cadence

    if cadence is None:
        return wished
    return replace(wished, cadence=Cadence(cadence), every_days=days or 0)


def _with_topics(wished: "Wishes", topics: Collection[str], *, all_topics: bool) -> "Wishes":
    from dataclasses import replace

    return replace(wished, topics=frozenset(topics)) if topics or all_topics else wished


def _with_pause(wished: "Wishes", paused: bool | None) -> "Wishes":
    from dataclasses import replace

    return wished if paused is None else replace(wished, paused=paused)


def _said(wished: "Wishes") -> str:
    days = "each day" if wished.every_days == 1 else f"every {wished.every_days} days"
    how = {
        "each": "each article",
        "weekly": "a weekly digest",
        "course": f"a course, one part {days}",
    }[wished.cadence]
    topics = f", of {', '.join(sorted(wished.topics))}" if wished.topics else ""
    return f"{how}{topics}{', paused' if wished.paused else ''}"
