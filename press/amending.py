"""Changes to the text of an article that leave all the rest of its file as it is, to the byte."""

import json
import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from press import frontmatter
from press.fences import SPAN
from press.links import AFTER_ADDRESS, BEFORE_ADDRESS, SCHEME
from press.model import Manuscript
from press.problems import SourceText


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """What stands from one offset of a text to another, and what is to stand there."""

    start: int
    end: int
    text: str
    said: str = ""
    """The change in a few words."""


def applied(content: bytes, edits: Iterable[Edit]) -> bytes:
    """A file with edits, whose offsets are those of its text with `\\n` for each line's end."""
    text = content.decode("utf-8")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text[len(mark) :]
    ends = [match.start() - count for count, match in enumerate(re.finditer("\r\n", text))]
    newline = "\r\n" if ends else "\n"
    for edit in sorted(edits, reverse=True):
        start, end = (at + bisect_left(ends, at) for at in (edit.start, edit.end))
        text = text[:start] + edit.text.replace("\n", newline) + text[end:]
    return (mark + text).encode()


def key(source: SourceText, name: str, value: str, said: str) -> Edit:
    """The edit that gives a key of front matter a text as its value."""
    spans, end = frontmatter.spans(source)
    quoted = json.dumps(value, ensure_ascii=False)
    if name not in spans:
        return Edit(end, end, f"{name}: {quoted}\n", said)
    span = spans[name]
    tail = "\n" if source.text[span.start : span.end].endswith("\n") else ""
    return Edit(span.start, span.end, quoted + tail, said)


def item(source: SourceText, names: Iterable[str], value: str, said: str) -> Edit:
    """The edit that adds a text to a list of front matter, which may have one of several names."""
    spans, end = frontmatter.spans(source)
    names = list(names)
    name = next((one for one in names if one in spans), "")
    quoted = json.dumps(value, ensure_ascii=False)
    if not name:
        return Edit(end, end, f"{names[0]}: [{quoted}]\n", said)
    span = spans[name]
    if not span.items:
        there = source.text[span.start : span.end].rstrip()
        whole = f"[{quoted}]" if there in ("", "[]", "~", "null") else f"[{there}, {quoted}]"
        space = "" if source.text[span.start - 1 : span.start].isspace() else " "
        return Edit(span.start, span.start + len(there), space + whole, said)
    start, last = span.items[-1]
    if not span.is_block:
        return Edit(last, last, f", {quoted}", said)
    line = source.text.rfind("\n", 0, start) + 1
    after = source.text.find("\n", last) + 1
    return Edit(after, after, f"{source.text[line:start]}{quoted}\n", said)


def without(source: SourceText, names: Iterable[str], values: Iterable[str], said: str) -> Edit:
    """The edit that makes a list of front matter one of these texts, on one line."""
    spans, _ = frontmatter.spans(source)
    span = next(spans[one] for one in names if one in spans)
    end = span.items[-1][1] if span.items and span.is_block else span.end
    return Edit(span.start, end, json.dumps(list(values), ensure_ascii=False), said)


def addresses(article: Manuscript) -> Iterator[tuple[int, str]]:
    """Each address in an article's text, outside of its fences and of `code`, and its offset."""
    lines = article.source.text.split("\n")
    for fence in article.fences:
        for number in range(fence.line - 1, fence.end):
            lines[number] = " " * len(lines[number])
    for number in range(article.body_line - 1):
        lines[number] = " " * len(lines[number])
    text = "\n".join(SPAN.sub(lambda span: " " * len(span[0]), line) for line in lines)
    for before in BEFORE_ADDRESS.finditer(text):
        start = end = before.end()
        stops = ">\n" if before[0].endswith("<") else "\n" + "".join(AFTER_ADDRESS)
        while end < len(text) and text[end] not in stops:
            end += 1
        is_note = text.startswith("[^", text.rfind("\n", 0, start) + 1) and before[0][:2] == "]:"
        if before[0] != "<" and start < end and not is_note:
            yield start, text[start:end]


def entry_of(href: str, path: str) -> str:
    """The name of the entry of `content/` that a link of the article at a path leads to, or ""."""
    written = unquote(href.partition("#")[0].partition("?")[0])
    if not written or SCHEME.match(href) or written.startswith("/"):
        return ""
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    folder, _, rest = place.partition("/")
    return rest.partition("/")[0] if folder == path.partition("/")[0] else ""


def links(article: Manuscript, moved: Mapping[str, str]) -> Iterator[Edit]:
    """The edits that let its links lead to entries of `content/` by their new names."""
    for start, href in addresses(article):
        new = moved.get(entry_of(href, article.path))
        if new is None:
            continue
        path = re.split("[#?]", href, maxsplit=1)[0]
        parts = path.split("/")
        names = [unquote(part) for part in parts]
        old = entry_of(href, article.path)
        if old in names:
            at = len(names) - 1 - names[::-1].index(old)
            parts[at] = quote(new)
            made = "/".join(parts)
            line = article.source.position(start)[0]
            yield Edit(start, start + len(path), made, f":{line}: {path} -> {made}")
