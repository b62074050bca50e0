"""The author's command: its verbs, each importing what it needs when it runs."""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from press.cli_doctor import doctor
from press.cli_publish import NOTHING_CHANGED, publish
from press.cli_writing import VERBS as WRITING
from press.entering import publication
from press.exits import PROBLEMS, leave, output_needed, problems_reported
from press.root import command

if TYPE_CHECKING:
    from datetime import datetime

    from click.shell_completion import CompletionItem

SELDOM = 1_000_000
"""Objects from which on the collector looks for cycles: what a verb makes, it mostly keeps."""


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
        context = click.get_current_context()
        self.real().main(list(args), prog_name=context.command_path, obj=context.obj)

    def real(self) -> click.Command:
        module, _, command = self.target.partition(":")
        found: click.Command = getattr(import_module(module), command)
        return found


class Verbs(click.Group):
    """With no verb, it builds."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and ctx.resilient_parsing:  # a shell asks what could stand there
            return super().parse_args(ctx, args)
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["build", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        with problems_reported():  # an interrupt may come while a verb is still being loaded
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if ctx.resilient_parsing and isinstance(command, Forward):
            command = command.real()
        return name, command, rest

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem"]:
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            found = [*self.commands["build"].shell_complete(ctx, incomplete), *found]
        return found


@click.group(cls=Verbs)
def cli() -> None:
    """Turn the articles of content/ into a site whose every example has run.

    Without a verb it builds. Exit status: 0 all is well, 1 there are problems, 2 wrong usage.
    """


for _verb in WRITING:
    cli.add_command(_verb)
for _name, _summary in {
    "explain": "Say what a problem's code means, and how to mend it.",
    "schema": "Print the JSON Schema of series.toml or of front matter.",
    "completion": "Print what lets a shell complete these verbs.",
}.items():
    cli.add_command(Forward(_name, f"press.cli_guide:{_name}", _summary))


def _form(names: Sequence[str]) -> Callable[[Any], Any]:
    return click.option(
        "--format",
        "form",
        type=click.Choice(names),
        default="text",
        show_default=True,
        help="How to tell of it.",
    )


class Elsewhere(NamedTuple):
    """Functions that live elsewhere, each imported when it is called."""

    mails: Callable[..., Any]
    announce: Callable[..., Any]
    told: Callable[..., Any]
    mail: Callable[..., Any]


def main(
    elsewhere: Mapping[str, tuple[str, str]], *, mails: str, announce: str, told: str, mail: str
) -> None:
    """Run the command. `elsewhere` has more verbs: name -> its `module:command` and a summary.

    `mails` is the `module:function` that makes the mails of a preview (`press.showing.Mails`),
    `announce` the one that tells subscribers (`press.publishing.Announce`), `told` the one that
    says who was told of each article (`press.status.Told`), and `mail` the one that looks whether
    mail would arrive: a publication's folder -> `press.findings.Finding`s.
    """
    _complete_streams()
    gc.set_threshold(SELDOM)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a title may not fit the terminal
    for name, (target, summary) in elsewhere.items():
        cli.add_command(Forward(name, target, summary))
    given = Elsewhere(_late(mails), _late(announce), _late(told), _late(mail))
    with output_needed():
        cli.main(prog_name=command().removeprefix("python "), obj=given)


def _complete_streams() -> None:
    """A stream that was closed leads nowhere: else the next file would be in its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # it stays open


@cli.command()
@click.option("--search", is_flag=True, help="Index the pages for the search, as publish does.")
@click.option("--explain", is_flag=True, help="Say why each output was made again.")
@_form(["text", "json", "github", "sarif"])
def build(search: bool, explain: bool, form: str) -> None:
    """Prove every example and build the site: as much of it as has changed."""
    if explain and form != "text":
        raise click.UsageError("--explain tells why as text only")
    from datetime import UTC, datetime

    from press import building

    with problems_reported(NOTHING_CHANGED), _stopped_as(form):
        now = datetime.now(UTC)
        wish = building.Wish(search=search, explain=explain, form=form)
        done = building.build(publication(), now, wish)
    _tell(*done.said)
    leave(0)


cli.add_command(publish)
cli.add_command(doctor)


@contextmanager
def _stopped_as(form: str) -> Iterator[None]:
    """Problems in a form other than text, which is what they have anyway."""
    try:
        yield
    except Exception as error:
        from press.problems import ProblemsFound

        if form == "text" or not isinstance(error, ProblemsFound):
            raise
        from press import reports

        stopped = reports.stopped(form, error.problems)
        _tell(stopped.output, stopped.errors)
        sys.exit(PROBLEMS)


@cli.command()
@click.argument("places", nargs=-1, metavar="[FILE[:LINE]]...")
@click.option("--drafts", is_flag=True, help="Check what is not published yet as well.")
@click.option("--no-cache", "afresh", is_flag=True, help="Run every example, known or not.")
@click.option("--since", metavar="REV", help="Prove what has changed since a revision of git.")
@click.option("--online", is_flag=True, help="Ask whether what articles link to is there.")
@click.option("--update", is_flag=True, help="Write observed outputs into `output` fences.")
@_form(["text", "json", "github", "junit", "sarif"])
def check(
    places: Sequence[str],
    drafts: bool,
    afresh: bool,
    since: str | None,
    online: bool,
    update: bool,
    form: str,
) -> None:
    """Do all that a build does, but write nothing.

    With FILE, or FILE:LINE of an example, only those examples are proven.
    """
    from datetime import UTC, datetime

    from press import recall, root

    now = datetime.now(UTC)
    if update:
        if form != "text" or online:
            raise click.UsageError("--update tells what it did as text only, and asks nobody")
        _update(places, since, now, drafts=drafts, afresh=afresh)
        return
    home = None if places or since or online else root.nearest(Path.cwd())
    memory = recall.Memory(home, form, drafts=drafts) if home else None
    if memory and not afresh and (said := memory.recall(now)):
        _tell(*said)
        return
    from press import checking, pipeline, progress, reports
    from press.problems import ProblemsFound

    wanted = checking.Wanted(tuple(places), since, drafts, afresh)
    with problems_reported(NOTHING_CHANGED), progress.stages() as stages:
        try:
            checked = checking.check(publication(), now, wanted, stages)
        except ProblemsFound as error:
            if form == "text":
                raise
            checked = pipeline.Checked(0, (), error.problems, None)
    if online:
        with problems_reported(), progress.shown("asking") as advance:
            checked = checking.online(publication(), now, wanted, checked, advance)
    report = reports.render(form, checked)
    if memory:
        memory.keep(checked, recall.Said(report.output, report.errors), now)
    _tell(report.output, report.errors)
    leave(PROBLEMS if checked.problems else 0)


def _update(
    places: Sequence[str], since: str | None, now: "datetime", *, drafts: bool, afresh: bool
) -> None:
    from press import checking, progress

    wanted = checking.Wanted(tuple(places), since, drafts, afresh)
    with problems_reported(), progress.stages() as stages:
        for line in checking.update(publication(), now, wanted, stages):
            click.echo(line)


def _tell(output: str, errors: str) -> None:
    click.echo(output, nl=False)
    click.echo(errors, nl=False, err=True, color=True)  # what has colours wants them


@cli.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to serve at; 0 for any that is free.",
)
@click.option("--drafts/--no-drafts", default=True, show_default=True, help="Show drafts as well.")
@click.pass_obj
def preview(elsewhere: Elsewhere, port: int, drafts: bool) -> None:
    """Serve the site to yourself; pages show what you have saved at once."""
    from press import hosting, preview
    from press.problems import Code, Problem, ProblemsFound

    with problems_reported():
        shown = preview.of(
            publication(),
            drafts=drafts,
            mails=elsewhere.mails,
            tell=lambda words: click.echo(words, err=True, color=True),
        )
        try:
            with preview.served(shown, port) as server:
                click.echo(f"http://{hosting.HOST}:{server.server_port}{shown.base}")
                shown.prove_on()
        except OSError as error:
            message = f"can't serve at port {port}: {error.strerror}"
            hint = "end what uses it, or choose another with --port"
            raise ProblemsFound([Problem("preview", 0, 0, Code.REFUSED, message, hint)]) from None


def _late(target: str) -> Callable[..., Any]:
    """What a `module:name` is, imported when it is called."""

    def call(*given: object, **named: object) -> Any:
        module, _, name = target.partition(":")
        return getattr(import_module(module), name)(*given, **named)

    return call
