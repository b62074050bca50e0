"""An article as Markdown, for machines: what its author wrote, with whole addresses.

Code is as readers see it: one article says the same in each of its forms.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from press import links
from press.model import Fence, Manuscript
from press.siteindex import plain


def render(article: Manuscript, hrefs: Sequence[str], whole: Callable[[str], str]) -> str:
    """`whole` makes a whole address of each of its links, which are as the author wrote them."""
    title = f"# {plain(article.title)}\n\n> {plain(article.description)}\n"
    body = _body(article, hrefs, whole).strip("\n")
    return f"{title}\n{body}\n" if body.strip() else title


def _body(article: Manuscript, hrefs: Sequence[str], whole: Callable[[str], str]) -> str:
    lines: list[str | None] = [*article.source.text.split("\n")]
    for number, text in _relinked(article, hrefs, whole):
        lines[number - 1] = text
    for fence in article.fences:
        if fence.shown != fence.code:
            _show(fence, lines)
    return "\n".join(text for text in lines[article.body_line - 1 :] if text is not None)


def _relinked(
    article: Manuscript, hrefs: Sequence[str], whole: Callable[[str], str]
) -> Iterator[tuple[int, str]]:
    """Each line that links somewhere, with its links replaced."""
    found: dict[int, list[tuple[int, str]]] = {}
    for href in hrefs:
        for line, column in links.places(href, article):
            found.setdefault(line, []).append((column - 1, href))
    lines = article.source.text.split("\n")
    for number, places in found.items():
        text = lines[number - 1]
        for start, href in sorted(places, reverse=True):  # from the right: columns stay true
            text = text[:start] + whole(href) + text[start + len(href) :]
        yield number, text


def _show(fence: Fence, lines: list[str | None]) -> None:
    """Take the lines that readers don't see out of a fence."""
    first = fence.line  # where its code begins, counted from 0
    code = fence.code.splitlines()
    before = _before(lines[first] or "", code[0] if code else "", fence)
    shown = [re.sub(r"\s+$", "", before + line) for line in fence.shown.splitlines()]
    lines[first : fence.end - 1] = [None] * (fence.end - 1 - first)
    if shown:
        lines[first] = "\n".join(shown)


def _before(line: str, code: str, fence: Fence) -> str:
    """What stands before the code of a fence: the marks of a quote, the indent of a list."""
    return line.removesuffix(code) if line.endswith(code) else " " * (fence.column - 1)
