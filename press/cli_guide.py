"""The verbs that say how to use the others; each imports what it needs when it runs."""

import sys
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from press.exits import problems_reported

SHELLS = ("bash", "zsh", "fish")


def _codes(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from press import meanings

    return [CompletionItem(one) for one in meanings.names() if one.startswith(incomplete)]


@click.command()
@click.argument("code", required=False, shell_complete=_codes)
def explain(code: str | None) -> None:
    """Say what the CODE of a problem means, with an example, and how to mend it.

    Without CODE, list them all.
    """
    from press import meanings, terminal
    from press.problems import Code, Part, Problem, ProblemsFound, did_you_mean
    from press.root import IN_CLONE, typed

    paint = terminal.painter(sys.stdout)
    if code is None:
        for line in meanings.listed(paint):
            click.echo(line, color=True)
        return
    with problems_reported():
        if code not in meanings.names():
            hint = did_you_mean(code, meanings.names()) or "`explain` without a code lists them all"
            message = f"there is no code `{code}`"
            raise ProblemsFound([Problem("explain", 0, 0, Code.BAD_INPUT, message, hint)])
        meaning = meanings.of(Code(code))
    click.echo(f"{paint(Part.CODE, code)}\n", color=True)
    text = meanings.plain(meaning.markdown.replace(IN_CLONE, typed()), paint)
    click.echo(text, nl=False, color=True)


@click.command()
@click.argument("file", type=click.Choice(["series", "front-matter"]))
def schema(file: str) -> None:
    """Print the JSON Schema of series.toml or of front matter, for editors."""
    from press import schemas

    click.echo(schemas.text(file), nl=False)


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what lets SHELL complete these verbs; docs/problems.md says where to put it."""
    from press import completing

    root = click.get_current_context().find_root()
    name = (root.info_name or Path(sys.argv[0]).name).split()[0]
    click.echo(completing.script(shell, root.command, name), nl=False)
