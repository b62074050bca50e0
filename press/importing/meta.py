"""Front matter of four kinds -> keys and values; and values -> what an article has."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from press import frontmatter
from press.importing.post import Lines, Post, is_own
from press.problems import ProblemsFound, SourceText

KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):[ \t]*(.*)")


@dataclass(slots=True)
class Meta:
    """The keys of a post, in lower case; what is taken is noted, so that the rest can be told."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    taken: set[str] = field(default_factory=set)

    def take(self, *names: str) -> Any:
        """The value of the first of some names that is there and says something."""
        self.taken |= {*names}
        return next((self.values[name] for name in names if self.values.get(name)), None)

    def drop(self, *names: str) -> None:
        """Forget what was taken otherwise."""
        self.values = {key: value for key, value in self.values.items() if key not in names}

    def text(self, *names: str) -> str:
        value = self.take(*names)
        return "" if value is None else " ".join(str(value).split())

    def texts(self, *names: str) -> list[str]:
        """All that some names list; a text is split at its commas."""
        found: list[str] = []
        for name in names:
            value = self.take(name)
            items = value.split(",") if isinstance(value, str) else value
            items = items if isinstance(items, list) else []
            found += [" ".join(str(item).split()) for item in items if str(item).strip()]
        return list(dict.fromkeys(found))

    def left(self) -> Iterable[tuple[int, str]]:
        """The lines and names of what nobody has taken."""
        return sorted((self.lines.get(key, 1), key) for key in self.values.keys() - self.taken)


def read(place: Path, root: Path) -> tuple[Meta, Lines]:
    """The keys and the body of a file of the blog at `root`.

    Raises ValueError or OSError if it can't be read.
    """
    if not is_own(place, root):
        raise ValueError("it is no file of this blog, or a link that leads out of it")
    try:
        return _parsed(place.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("its front matter is nested too deeply") from None


def _parsed(text: str) -> tuple[Meta, Lines]:
    if text.startswith("+++\n"):
        return _toml(text)
    if text.startswith("{\n"):
        return _json(text)
    if frontmatter.START.match(text):
        return _yaml(text)
    return _plain(text)


def _meta(values: Mapping[str, Any], lines: Mapping[str, int]) -> Meta:
    return Meta(
        {str(key).lower(): value for key, value in values.items()},
        {key.lower(): line for key, line in lines.items()},
    )


def _yaml(text: str) -> tuple[Meta, Lines]:
    try:
        found, first = frontmatter.split(SourceText("", text))
    except ProblemsFound as error:
        raise ValueError(error.problems[0].message) from None
    values = {key: at.value for key, at in found.items()}
    return _meta(values, {key: at.line for key, at in found.items()}), _lines(text, first)


def _toml(text: str) -> tuple[Meta, Lines]:
    block, mark, _ = text[4:].partition("\n+++")
    if not mark:
        raise ValueError("the front matter is never closed")
    values = tomllib.loads(block)
    lines: dict[str, int] = {}
    for number, line in enumerate(block.split("\n"), 2):
        if match := re.match(r"\s*\[?([\w-]+)", line):
            lines.setdefault(match[1], number)
    return _meta(values, lines), _lines(text, block.count("\n") + 3)


def _json(text: str) -> tuple[Meta, Lines]:
    values, end = json.JSONDecoder().raw_decode(text)
    lines: dict[str, int] = {}
    for number, line in enumerate(text[:end].split("\n"), 1):
        if match := re.match(r'\s*"([\w-]+)"\s*:', line):
            lines.setdefault(match[1], number)
    return _meta(values, lines), _lines(text, text.count("\n", 0, end) + 2)


def _plain(text: str) -> tuple[Meta, Lines]:
    """Lines of `Key: value`, as Python-Markdown has them; a further line of a value is indented."""
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    last, number = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if match := KEY.fullmatch(line):
            last = match[1]
            values[last], lines[last] = match[2].strip(), number
        elif last and line.startswith("    ") and line.strip():
            values[last] += f" {line.strip()}"
        else:
            break
    first = number + 1 if values and not line.strip() else number
    return _meta(values, lines), _lines(text, first if values else 1)


def _lines(text: str, first: int) -> Lines:
    return list(enumerate(text.split("\n")[first - 1 :], first))


def moment(value: object) -> date | None:
    """The date or time of a value; None where it is none. Many people write `2020-01-02 03:04`."""
    if isinstance(value, date):
        return value
    text = re.sub(r"\s+(?=[+-]\d)", "", str(value or "").strip())
    text = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", text)
    text = re.sub(r"^(\d{4})[/.](\d\d?)[/.](\d\d?)", r"\1-\2-\3", text)
    text = re.sub(r"-(\d)(?=-|\b(?!\d))", r"-0\1", text)
    text = re.sub(r"(?<=[ T])(\d):", r"0\1:", text)
    for form in ("", "%d %B %Y", "%B %d, %Y"):
        try:
            return datetime.strptime(text, form) if form else datetime.fromisoformat(text)
        except ValueError:
            continue
    return None


COMMON = ("layout", "type")
"""What says nothing that a page here could have."""


def fill(post: Post, meta: Meta) -> None:
    """Give a post what all four tools call alike."""
    post.title = post.title or meta.text("title")
    post.date = post.date if meta.take("date") is None else moment(meta.take("date"))
    post.updated = moment(meta.take("updated", "lastmod", "modified", "last_modified_at"))
    post.description = meta.text("description", "summary", "excerpt")
    post.tags += meta.texts("tags", "tag", "keywords", "categories", "category")
    post.authors += meta.texts("authors", "author")
    post.draft = post.draft or meta.take("draft") is True or meta.text("draft").lower() == "true"
    post.slug = meta.text("slug") or post.slug
    meta.taken |= {*COMMON}


def tell_of_rest(post: Post, meta: Meta) -> None:
    """Note each key that nobody has taken."""
    for line, key in meta.left():
        post.needs(line, f"`{key}` of its front matter has no place here")


def document(text: str) -> Mapping[str, Any]:
    """A document of YAML, or of JSON, which is a part of it. Raises ValueError if it is none."""
    try:
        return {
            key: at.value
            for key, at in frontmatter.split(SourceText("", f"---\n{text}\n---\n"))[0].items()
        }
    except ProblemsFound as error:
        raise ValueError(error.problems[0].message) from None


def word(text: str) -> str:
    """A text as tools make the part of an address of it."""
    return re.sub(r"[^\w]+|_+", "-", text.lower()).strip("-")
