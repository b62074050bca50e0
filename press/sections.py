"""The titles of an article's sections: one step down at a time, with words, and none a page's own.

Who listens to a page, or walks it by its titles, is lost where a step is left out (WCAG 1.3.1).
"""

import re
from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from press.elements import TAG, attributes

TITLE = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.DOTALL)
OF_PAGE = "the title of a page comes from front matter, and its sections begin at `##`"


class Wrong(Struct, frozen=True):
    """What is wrong with the title of a section."""

    level: int
    index: int
    """Of all the titles of its level, from 0."""
    message: str
    hint: str


def wrong(html: str) -> Iterator[Wrong]:
    """Each title of an article's HTML that is wrong."""
    seen: Counter[int] = Counter()
    above = 1
    for title in TITLE.finditer(html):
        level = int(title[1])
        if said := _said(level, above, title[2]):
            yield Wrong(level, seen[level], *said)
        seen[level] += 1
        above = level


def _said(level: int, above: int, html: str) -> tuple[str, str] | None:
    if level == 1:
        return "the title of a page stands in front matter, not in the text", OF_PAGE
    if not words(html):
        return "this section has no title", "give it one, or remove its marks"
    if level > above + 1:
        wanted = "#" * (above + 1)
        return "the title of this section leaves a level out", f"begin it with `{wanted}`"
    return None


def words(html: str) -> str:
    """What is read of a title: its text, and what its images say of themselves."""
    return TAG.sub(lambda tag: dict(attributes(tag[0])).get("alt", ""), html).strip()


def pattern(level: int) -> str:
    """What a line with the title of a section of this level has in Markdown, or in HTML."""
    marks = rf"(?:^|(?<=[\s>]))#{{{level}}}(?!#)|<h{level}\b"
    underline = {1: r"|^\s*=+\s*$", 2: r"|^\s*-+\s*$"}.get(level, "")
    return marks + underline
