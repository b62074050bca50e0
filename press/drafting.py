"""Starts the next article of a series: from the publication's template for one, or from ours."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slugify import slugify

from press import config, fields, files, frontmatter, source
from press.problems import Code, Problem, ProblemsFound, SourceText, did_you_mean
from press.root import OURS

TEMPLATE = "templates/new.md"
SLOT = re.compile(r"\{\{\s*([\w-]*)\s*\}\}")

# What would be lost from titles about code.
WORDS = [("C++", "cpp"), ("C#", "csharp"), ("F#", "fsharp"), ("&", "and"), ("'", ""), ("’", "")]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a new article besides its title; what is None follows from it."""

    number: int | None = None
    slug: str | None = None
    date: str | None = None


def start(root: Path, title: str, now: datetime, wish: Wish | None = None) -> str:
    """Write the draft of a new article; its path from the root. Raises ProblemsFound.

    Whoever calls this alone names articles meanwhile (`entering.alone`).
    """
    wish = wish or Wish()
    settings = config.load(root)
    title, slug = _named(title, wish.slug)
    values = {
        "title": title,
        "slug": slug,
        "id": slug,
        "date": _date(wish.date, settings, now),
        "author": settings.author,
        "number": _number(root, slug, wish.number),
    }
    path = f"{source.FOLDER}/{values['number']}-{slug}.md"
    draft = _filled(_template(root), values)
    try:
        files.write(root / path, draft)
    except OSError as error:
        message = f"can't write this: {error.strerror}"
        raise ProblemsFound([Problem(path, 0, 0, Code.UNREADABLE, message)]) from None
    return path


def slug_of(title: str) -> str:
    """The slug that a title gives; empty where it has no letter and no digit."""
    return slugify(title, replacements=WORDS, max_length=60, word_boundary=True)


def _named(title: str, slug: str | None) -> tuple[str, str]:
    wanted = slug_of(title) if slug is None else slug
    try:
        return fields.text(title), fields.slug(wanted)
    except fields.Wrong as error:
        if slug is not None:
            raise _refused(f"the slug `{slug}` {error}") from None
        raise _refused(f"no slug can be made of the title `{title}`: it {error}") from None


def _refused(message: str, hint: str = "") -> ProblemsFound:
    return ProblemsFound([Problem("new", 0, 0, Code.BAD_INPUT, message, hint)])


def _date(wanted: str | None, settings: config.Config, now: datetime) -> str:
    if wanted is None:
        return now.astimezone(settings.timezone).strftime("%Y-%m-%d")
    try:
        fields.moment(settings.timezone)(wanted)
    except fields.Wrong as error:
        raise _refused(f"the date `{wanted}` {error}") from None
    return wanted


def _template(root: Path) -> SourceText:
    """The publication's own, or ours."""
    path = root / TEMPLATE
    try:
        there = path if path.is_file() else OURS / "new.md"
        return SourceText(TEMPLATE, there.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        problem = Problem(TEMPLATE, 0, 0, Code.UNREADABLE, f"can't read this: {reason}")
        raise ProblemsFound([problem]) from None


def _filled(template: SourceText, values: dict[str, str]) -> str:
    """The template with the values of its slots: in front matter as YAML has texts, in quotes."""
    slots = list(SLOT.finditer(template.text))
    unknown = [slot for slot in slots if slot[1] not in values]
    if unknown:
        raise ProblemsFound(_unknown(template, slot, values) for slot in unknown)
    closing = frontmatter.END.search(template.text, 3)
    end = closing.start() if closing else 0

    def value(slot: re.Match[str]) -> str:
        text = values[slot[1]]
        plain = slot.start() > end or slot[1] in ("date", "number")
        return text if plain else json.dumps(text, ensure_ascii=False)

    filled = SLOT.sub(value, template.text)
    frontmatter.split(SourceText(TEMPLATE, filled))  # what has none, or no YAML, is no article
    return filled


def _unknown(template: SourceText, slot: re.Match[str], values: dict[str, str]) -> Problem:
    hint = did_you_mean(slot[1], values) or f"there are {', '.join(values)}"
    message = f"there is no `{slot[1]}` to stand here"
    at = template.position(slot.start())
    return template.problem(Code.TEMPLATE_FAILED, *at, message, hint)


def _number(root: Path, slug: str, wanted: int | None) -> str:
    """The number that is asked for, or one more than the highest, with as many digits as others."""
    there, problems = source.entries(root) if (root / source.FOLDER).exists() else ([], [])
    if problems:
        raise ProblemsFound(problems)
    for file in there:
        if file.stem.partition("-")[2] == slug:
            message, hint = f"there is an article `{slug}` already", "choose another title or slug"
            raise ProblemsFound([Problem(file.path, 0, 0, Code.DUPLICATE, message, hint)])
    names = {
        match["number"]: file.path for file in there if (match := source.NAME.fullmatch(file.stem))
    }
    if wanted is None:
        wanted = max([-1, *map(int, names)]) + 1
    for name, path in names.items():
        if int(name) == wanted:
            message, hint = f"it has the number {wanted} already", "take another, or `rename` it"
            raise ProblemsFound([Problem(path, 0, 0, Code.DUPLICATE, message, hint)])
    return f"{wanted:0{max([3, *map(len, names)])}}"
