"""The tags of an HTML text, their attributes, and the addresses among these."""

import re
from collections.abc import Callable, Iterator
from html import escape, unescape

TAG = re.compile(r"<!--.*?-->|<[a-zA-Z][^<>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^<>\"']*)*>", re.DOTALL)
# The same, but for what colours code: most of a page's tags, and none has an address or an id.
PLAIN = r"span class=\"\w+\">"
LINKING = re.compile(TAG.pattern.replace("<[a-zA-Z]", f"<(?!{PLAIN})[a-zA-Z]"), re.DOTALL)
ATTRIBUTE = re.compile(
    r"""(?<=[\s"'/])([^\s"'<>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)|(?<=\s)[^\s"'<>/=]+"""
)
# The attributes that hold an address; `srcset` has several.
ADDRESSES = frozenset({"href", "src", "poster", "data", "xlink:href"})
# A part of each name of those, and of an id.
REFERRING = re.compile("id|href|src|poster|data", re.IGNORECASE)
SOURCE = re.compile(r"((?:^|,)\s*)([^\s,]+)")


def name_of(tag: str) -> str:
    """The name of a tag that TAG has found; empty for a comment."""
    return re.split(r"[\s/>]", tag[1:], maxsplit=1)[0].lower() if tag[1:2] != "!" else ""


def attributes(tag: str) -> Iterator[tuple[str, str]]:
    """The attributes of a tag that have a value."""
    if not tag.startswith("<!--"):
        for match in ATTRIBUTE.finditer(tag):
            if match[2]:
                yield match[1].lower(), unescape(unquote(match[2]))


def references(html: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses that an HTML text links to, in order and once each, and the ids it has."""
    links: list[str] = []
    ids: list[str] = []
    for tag in LINKING.findall(html):
        if not REFERRING.search(tag):
            continue
        for name, value in attributes(tag):
            if name == "id":
                ids.append(value)
            elif name == "srcset":
                links += [source[2] for source in SOURCE.finditer(value)]
            elif name in ADDRESSES:
                links.append(value)
    return tuple(dict.fromkeys(links)), tuple(ids)


def relink(html: str, link: Callable[[str], str]) -> str:
    """The HTML with each address of an attribute replaced by what `link` makes of it."""

    def attribute(match: re.Match[str]) -> str:
        name = (match[1] or "").lower()
        value = unescape(unquote(match[2] or ""))
        if name == "srcset":
            value = SOURCE.sub(lambda source: source[1] + link(source[2]), value)
        elif name in ADDRESSES:
            value = link(value)
        else:
            return match.group()
        return f'{match[1]}="{escape(value)}"'

    def tag(match: re.Match[str]) -> str:
        text = match.group()
        return text if text.startswith("<!--") else ATTRIBUTE.sub(attribute, text)

    return LINKING.sub(tag, html)


def unquote(value: str) -> str:
    return value[1:-1] if value[:1] in ('"', "'") else value
