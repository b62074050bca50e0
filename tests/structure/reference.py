"""The reference in docs/reference/, made from the code: verbs, settings, fences, codes and more.

`UPDATE_REFERENCE=1 pytest tests/structure/test_reference.py` writes it, and the schemas.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from inspect import cleandoc

import click

from press import cli, config, exits, frontfields, infostring, keys, meanings, schemas, setting
from press.fields import Field
from press.languages import languages
from press.problems import Code, SourceText
from proofpress import ELSEWHERE
from tests.conftest import NEWSLETTER, SERIES

MADE = "<!-- Made from the code: UPDATE_REFERENCE=1 pytest tests/structure/test_reference.py -->"


def document(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE, *parts]) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("|" + "|".join(f" {_cell(cell)}".rstrip() + " " for cell in line) + "|"
                     for line in lines)  # fmt: skip


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    return f"`{text}`" if text else ""


# Verbs


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below one, by what is typed."""
    if isinstance(command, cli.Forward):
        command = command.real()
    yield path, command
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from commands(below, f"{path} {name}")


def all_commands() -> list[tuple[str, click.Command]]:
    whole = click.Group("build.py", commands={**cli.cli.commands}, help=cli.cli.help)
    for name, (target, summary) in ELSEWHERE.items():
        whole.add_command(cli.Forward(name, target, summary))
    return list(commands(whole, "build.py"))


def verbs() -> str:
    parts = []
    for path, command in all_commands():
        parts += [f"## {path}", *_verb(path, command)]
    return document(
        "Verbs",
        "What `python build.py VERB --help` says, in one place; without a verb "
        "it builds. [Exit statuses](exit-statuses.md) says how they end.",
        *parts,
    )


def _verb(path: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```text\npython {path} {usage}\n```".replace(" \n", "\n")
    yield cleandoc(command.help or "")
    rows = [_option(one) for one in command.params if isinstance(one, click.Option)]
    if rows:
        yield table(["option", "what it does"], rows)


def _option(option: click.Option) -> list[str]:
    names = ", ".join(code(name) for name in [*option.opts, *option.secondary_opts])
    kind = option.type
    values = ""
    if isinstance(kind, click.Choice):
        values = f" One of {', '.join(code(str(one)) for one in kind.choices)}."
    elif not option.is_flag:
        names += f" `{option.make_metavar(click.Context(click.Command('none')))}`"
    default = f" Otherwise {code(str(option.default))}." if option.show_default else ""
    return [names, f"{option.help or ''}{values}{default}"]


# Settings and front matter


def settings() -> str:
    parts = [_fields(keys.FIELDS)]
    for name, fields in keys.TABLES.items():
        parts += [f"## `[{name}]`", _fields(fields)]
    return document(
        "Settings: series.toml",
        "A key that is not listed here is a problem, and so is a value of the wrong type. "
        "[Settings](../settings.md) tells of providers, of their own tables, and of the "
        "environment. Editors know all this from a [schema](../problems.md#in-an-editor).",
        *parts,
    )


def _fields(fields: Iterable[Field]) -> str:
    has_aliases = any(field.aliases for field in fields)
    rows = [
        [code(one.name), "yes" if one.required else "no", one.doc, code(one.example)]
        + ([", ".join(map(code, one.aliases))] if has_aliases else [])
        for one in fields
    ]
    return table(["key", "needed", "what it is", "example"] + ["also known as"] * has_aliases, rows)


def series() -> config.Config:
    """Settings as good as any."""
    made, problems = config.parse(SourceText("series.toml", SERIES + NEWSLETTER))
    assert not problems
    return made


def front_matter() -> str:
    parts = [_fields(frontfields.fields(series(), "name"))]
    for name, own in {"python": setting.PYTHON, "rust": setting.RUST}.items():
        explained = "which [examples](../examples.md#for-a-whole-article) explains"
        named = ", ".join(map(code, own))
        parts += [f"## `{name}`", f"A table with any of these keys, {explained}: {named}."]
    return document(
        "Front matter",
        "What stands in YAML between two lines of `---` at the beginning of an article. A key that "
        "is not listed here is a problem. [Writing an article](../writing.md#front-matter) says "
        "how it is used.",
        *parts,
    )


# Fences


def fence_options() -> str:
    own = languages()
    every = [[code(name), "every fence", does] for name, does in infostring.COMMON_OPTIONS.items()]
    names = dict.fromkeys(name for one in own for name in one.options)
    some = []
    for name in names:
        having = [one for one in own if name in one.options]
        some.append([code(name), ", ".join(one.name for one in having), having[0].options[name]])
    patterns = [
        f"Fences of `{one.name}` take what matches `{one.option_pattern}` as well."
        for one in own
        if one.option_pattern != "(?!)"
    ]
    rows = [[code(one.name), ", ".join(map(code, sorted(one.aliases)))] for one in own]
    return document(
        "Options of fences",
        "They follow the language: `python continue timeout=30`. "
        "[Examples](../examples.md) says how they are used.",
        table(["option", "of", "what it does"], [*every, *some]),
        *patterns,
        "## Languages",
        "Of all others a fence is shown and not proven.",
        table(["language", "also"], rows),
    )


# Problems, and how a verb ends


def problems() -> str:
    every = [meanings.of(one) for one in sorted(Code)]
    parts = [
        table(["code", "what is wrong"], [[f"[`{m.code}`](#{m.code})", m.summary] for m in every])
    ]
    for meaning in every:
        parts += [f"## {meaning.code}", _lowered(meaning.markdown.strip())]
    return document(
        "Problem codes",
        "What `python build.py explain CODE` says of each. [Problems](../problems.md) says how "
        "they are told.",
        *parts,
    )


def _lowered(markdown: str) -> str:
    """Titles as words: there would be one of the same name for each code.

    What is typed is run with each explanation (tests/press/test_meanings.py), not with this page.
    """
    markdown = markdown.replace("```console\n", "```text\n")
    return re.sub(r"^## (.*)$", r"**\1:**", markdown, flags=re.MULTILINE)


def exit_statuses() -> str:
    rows = [[str(status), meaning] for status, meaning in exits.STATUSES.items()]
    return document(
        "Exit statuses",
        "How a verb ends, for scripts. What was found is on standard output, problems are on "
        "standard error.",
        table(["status", "what it means"], rows),
    )


DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/reference/verbs.md": verbs,
    "docs/reference/settings.md": settings,
    "docs/reference/front-matter.md": front_matter,
    "docs/reference/fence-options.md": fence_options,
    "docs/reference/problems.md": problems,
    "docs/reference/exit-statuses.md": exit_statuses,
    **{f"docs/schemas/{name}.json": partial(schemas.text, name) for name in schemas.FILES},
}
"""Path -> what is in it."""
