"""The verbs of an author's day, each importing what it needs when it runs."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import click

from press.entering import alone, end_rename, publication
from press.exits import problems_reported
from press.root import FILE

NOTHING_CHANGED = "; nothing was changed"


class _Elsewhere(Protocol):
    """What a verb is given of what lives elsewhere."""

    @property
    def told(self) -> Callable[[Path], Mapping[str, Mapping[str, Any]] | None]: ...


def _checked(name: str) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """A callback that takes what the field of series.toml takes, and asks again for what not."""

    def check(
        _context: click.Context, _parameter: click.Parameter, value: str | None
    ) -> str | None:
        from press import starting
        from press.fields import Wrong

        try:
            return None if value is None else starting.read(name, value)
        except Wrong as error:
            raise click.BadParameter(f"it {error}") from None

    return check


@click.command()
@click.option("--title", callback=_checked("title"), help="The title of the publication.")
@click.option("--author", callback=_checked("author"), help="Who writes it.")
@click.option("--url", callback=_checked("url"), help="Where its site will be published.")
@click.option(
    "--language",
    callback=_checked("language"),
    default="en",
    show_default=True,
    help="What it is written in, as a tag of BCP 47.",
)
@click.option("--yes", is_flag=True, help="Ask nothing: take the default for what is not given.")
def start(title: str | None, author: str | None, url: str | None, language: str, yes: bool) -> None:
    """Start a publication in this folder, with a first article, and build its site.

    It asks three questions. Nothing that is there already is changed.
    """
    from datetime import UTC, datetime

    from press import starting

    folder, now = Path.cwd(), datetime.now(UTC)

    def ask(name: str, question: str, given: str | None, default: str) -> str:
        if given is not None or yes:
            return default if given is None else given
        reader = _checked(name)
        context, parameter = click.get_current_context(), click.Option([f"--{name}"])
        answer = click.prompt(
            question, default, value_proc=lambda text: reader(context, parameter, text)
        )
        return str(answer)

    with problems_reported(NOTHING_CHANGED):
        if starting.is_begun(folder):
            click.echo(f"{FILE} is there already, and stays as it is")
        else:
            starting.require_room(folder)
            title = ask("title", "Title of the publication", title, starting.title(folder))
            author = ask("author", "Author", author, starting.author())
            url = ask("url", "Address of its site", url, starting.url(title))
            answers = starting.Answers(title, author, url, language)
            for line in starting.write(folder, answers, now):
                click.echo(line)
    with problems_reported():
        for line in starting.build(folder, now):
            click.echo(line)


@click.command()
@click.argument("title")
@click.option("--number", type=click.IntRange(0, 999_999), help="Its number, if not the next.")
@click.option("--slug", help="The name of its page, if not that of its title.")
@click.option("--date", metavar="DATE", help="When it is published, if not today.")
@click.option(
    "--edit/--no-edit",
    default=None,
    help="Open it in $VISUAL or $EDITOR; without a word, at a terminal if one of them is set.",
)
def new(
    title: str, number: int | None, slug: str | None, date: str | None, edit: bool | None
) -> None:
    """Start the next article, as a draft: with a pair of examples, and opened to be written.

    A publication's own templates/new.md comes in the place of ours.
    """
    from datetime import UTC, datetime

    from press import drafting

    with problems_reported(NOTHING_CHANGED):
        root = publication()
        wish = drafting.Wish(number, slug, date)
        with alone(root):
            path = drafting.start(root, title, datetime.now(UTC), wish)
    click.echo(path)
    if _opens() if edit is None else edit:
        with problems_reported():
            _edit(root / path, path)


def _opens() -> bool:
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return at_terminal and bool(os.environ.get("VISUAL") or os.environ.get("EDITOR"))


def _edit(place: Path, path: str) -> None:
    from press.problems import Code, Problem, ProblemsFound

    try:
        click.edit(filename=str(place))
    except (click.ClickException, ValueError) as error:  # the latter for quotes that stay open
        reason = error.message if isinstance(error, click.ClickException) else str(error)
        message = f"can't open it in the editor: {reason}"
        hint = "the article is there: name another editor in $VISUAL or $EDITOR, or say --no-edit"
        raise ProblemsFound([Problem(path, 0, 0, Code.REFUSED, message, hint)]) from None


@click.command()
@click.argument("article")
@click.option("--number", type=click.IntRange(0, 999_999), help="Its new number.")
@click.option("--slug", help="Its new slug; the old address leads to the new one.")
@click.option("--title", help="Its new title; the slug stays, unless it is given.")
@click.option("--shift", is_flag=True, help="Let who has the number move one on, and so forth.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def rename(
    article: str,
    number: int | None,
    slug: str | None,
    title: str | None,
    shift: bool,
    dry_run: bool,
) -> None:
    """Give an article another number, slug or title, and rewrite all links to it.

    ARTICLE is its number, its slug or its file. Its id stays the same, so nobody is told of it
    again; its old address leads to the new one.
    """
    if number is None and slug is None and title is None:
        raise click.UsageError("say what is to be new: --number, --slug or --title")
    from press import renaming, replacing
    from press.root import find

    with problems_reported(NOTHING_CHANGED):
        root = find(Path.cwd())
        if end_rename(root):
            click.echo("if it was not this one, say this one again")  # it may be the very same
            return
        with alone(root):
            plan = renaming.plan(root, article, renaming.Wish(number, slug, title, shift))
            if not dry_run:
                replacing.replace(root, plan.changes)
    for line in plan.said or ["it is so already"]:
        click.echo(line)
    if dry_run:
        click.echo("nothing is done yet: say it again without --dry-run")


@click.command()
@click.option("--online", is_flag=True, help="Look whether the public pages are those of the site.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to tell of it.",
)
@click.pass_obj
def status(elsewhere: _Elsewhere, online: bool, form: str) -> None:
    """Show how far each article has come, and what the next publish would do.

    An article is a draft, scheduled, to be built, changed since it was built, or built; the ledger
    has how many were told of it.
    """
    import json
    from datetime import UTC, datetime

    from press import status as standing
    from press.problems import ProblemsFound

    with problems_reported(NOTHING_CHANGED):
        found = standing.look(publication(), datetime.now(UTC), elsewhere.told, online=online)
        if form == "json":
            click.echo(json.dumps(standing.data(found), ensure_ascii=False, indent=1))
        for line in standing.text(found) if form == "text" else ():
            click.echo(line)
        if found.problems:
            raise ProblemsFound(found.problems)


@click.command("import")
@click.argument("blog", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "tool",
    type=click.Choice(["hugo", "jekyll", "mkdocs", "pelican"]),
    help="What the blog is made with, if that can't be told.",
)
@click.option("--dry-run", is_flag=True, help="Say what would come, and write nothing.")
def import_blog(blog: Path, tool: str | None, dry_run: bool) -> None:
    """Bring the posts of another tool's blog into content/, and list what needs a hand.

    BLOG is its folder. Posts are numbered by their dates after the articles that are there, which
    stay as they are. Their code is not proven yet, and says so.
    """
    from datetime import UTC, datetime

    from press import importer

    with problems_reported(NOTHING_CHANGED):
        root = publication()
        with alone(root):
            report = importer.plan(root, blog, tool, datetime.now(UTC))
            if not dry_run:
                importer.write(root, report)
    for line in importer.lines(report):
        click.echo(line)
    if dry_run:
        click.echo("nothing is done yet: say it again without --dry-run")


VERBS = (start, new, rename, status, import_blog)
