"""The author's command: its verbs, each importing what it needs when it runs."""

import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from press.exits import problems_reported

NOTHING_CHANGED = "; nothing was changed"


class Forward(click.Command):
    """A verb that lives elsewhere: `module:command`, imported when it is called."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        settings = {"ignore_unknown_options": True, "allow_interspersed_args": False}
        super().__init__(
            name,
            context_settings=settings,
            help=summary,
            add_help_option=False,
            params=[click.Argument(["args"], nargs=-1, type=click.UNPROCESSED)],
            callback=self._call,
        )
        self.target = target

    def _call(self, args: tuple[str, ...]) -> None:
        module, _, command = self.target.partition(":")
        context = click.get_current_context()
        getattr(import_module(module), command).main(list(args), prog_name=context.command_path)


class Verbs(click.Group):
    """With no verb, it builds."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["build", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Verbs)
def cli() -> None:
    """Turn the articles of content/ into a site whose every example has run.

    Without a verb it builds. Exit status: 0 all is well, 1 there are problems, 2 wrong usage.
    """


def main(elsewhere: Mapping[str, tuple[str, str]]) -> None:
    """Run the command. `elsewhere` has more verbs: name -> its `module:command` and a summary."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a title may not fit the terminal
    for name, (target, summary) in elsewhere.items():
        cli.add_command(Forward(name, target, summary))
    cli.main(prog_name="build.py")


def _root() -> Path:
    from press.config import find_root

    return find_root(Path.cwd())


def _edition(root: Path, *, drafts: bool = False, afresh: bool = False) -> Any:
    from datetime import UTC, datetime

    from press import pipeline

    return pipeline.make(root, datetime.now(UTC), drafts=drafts, afresh=afresh)


@cli.command()
def build() -> None:
    """Prove every example and build the site."""
    from press import pipeline, report

    with problems_reported(NOTHING_CHANGED):
        root = _root()
        edition = _edition(root)
        click.echo(report.built(edition, pipeline.write(root, edition)))


@cli.command()
@click.option("--drafts", is_flag=True, help="Check what is not published yet as well.")
@click.option("--no-cache", "afresh", is_flag=True, help="Run every example, known or not.")
def check(drafts: bool, afresh: bool) -> None:
    """Do all that a build does, but write nothing."""
    from press import report

    with problems_reported(NOTHING_CHANGED):
        edition = _edition(_root(), drafts=drafts, afresh=afresh)
        for line in report.not_proven(edition):
            click.echo(line)
        click.echo(report.census(edition))


@cli.command()
@click.argument("title")
def new(title: str) -> None:
    """Start the next article, as a draft."""
    from datetime import UTC, datetime

    from press import drafting

    with problems_reported(NOTHING_CHANGED):
        click.echo(drafting.start(_root(), title, datetime.now(UTC)))


@cli.command()
def status() -> None:
    """Show each article: published, to be built, scheduled or draft."""
    from datetime import UTC, datetime

    from press import report

    with problems_reported(NOTHING_CHANGED):
        for line in report.status(_root(), datetime.now(UTC)):
            click.echo(line)
