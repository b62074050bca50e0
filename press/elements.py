"""The tags of an HTML text, their attributes, and the addresses among these."""

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape

_REST = r"[^<>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^<>\"']*)*>"
TAG = re.compile(rf"<!--.*?-->|<[a-zA-Z]{_REST}", re.DOTALL)


def _telling(names: str) -> re.Pattern[str]:
    """A pattern for what TAG finds, but for the tags that have none of the attributes of `names`:
    most of a page's, and of those most colour code. Of a plain link, its groups are what stands
    before its address, and this; of others the last group is all but the `<`.
    """
    other = rf'(?!(?:{names})=)[a-z-]+="[^"<>]*"'
    none = rf'span class="\w+">|\w+(?: (?:{other}|[a-z-]+))*>'
    link = rf'a ((?:{other} )*)href="([^"<>&]+)">'
    return re.compile(rf"<(?:{link}|(!--.*?-->|(?!/|{none})[a-zA-Z]{_REST}))", re.DOTALL)


WITH_ADDRESS = _telling("href|src|srcset|poster|data")
TELLING = _telling("href|src|srcset|poster|data|id")
ATTRIBUTE = re.compile(
    r"""(?<=[\s"'/])([^\s"'<>/=]+)\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)|(?<=\s)[^\s"'<>/=]+"""
)
NAME = re.compile(r"<([^\s/>!][^\s/>]*)")
# The attributes that hold an address; `srcset` has several.
ADDRESSES = frozenset({"href", "src", "poster", "data", "xlink:href"})
# A part of each name of those, and of an id.
REFERRING = re.compile("id|href|src|poster|data", re.IGNORECASE)
SOURCE = re.compile(r"((?:^|,)\s*)([^\s,]+)")


def name_of(tag: str) -> str:
    """The name of a tag that TAG has found; empty for a comment."""
    found = NAME.match(tag)
    return found[1].lower() if found else ""


def attributes(tag: str) -> tuple[tuple[str, str], ...]:
    """The attributes of a tag that have a value."""
    return () if tag.startswith("<!--") or "=" not in tag else _attributes(tag)


@lru_cache(maxsize=4096)
def _attributes(tag: str) -> tuple[tuple[str, str], ...]:
    """Pages have most of their tags in common."""
    return tuple(
        (name.lower(), unescape(unquote(value))) for name, value in ATTRIBUTE.findall(tag) if value
    )


def references(html: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses that an HTML text links to, in order and once each, and the ids it has."""
    links: list[str] = []
    ids: list[str] = []
    for _, href, tag in TELLING.findall(html):
        if href:
            links.append(href)
            continue
        for name, value in attributes(f"<{tag}"):
            if name == "id":
                ids.append(value)
            elif name in ADDRESSES:
                links.append(value)
            elif name == "srcset":
                links += [source[2] for source in SOURCE.finditer(value)]
    return tuple(dict.fromkeys(links)), tuple(ids)


def relink(html: str, link: Callable[[str], str]) -> str:
    """The HTML with each address of an attribute replaced by what `link` makes of it."""
    known: dict[str, str] = {}

    def linked(address: str) -> str:
        if address not in known:
            known[address] = link(address)
        return known[address]

    def attribute(match: re.Match[str]) -> str:
        name = (match[1] or "").lower()
        if name in ADDRESSES:
            value = linked(unescape(unquote(match[2])))
        elif name == "srcset":
            value = unescape(unquote(match[2]))
            value = SOURCE.sub(lambda source: source[1] + linked(source[2]), value)
        else:
            return match[0]
        return f'{match[1]}="{escape(value)}"'

    def tag(match: re.Match[str]) -> str:
        before, href, other = match.groups()
        if href:
            return f'<a {before}href="{escape(linked(href))}">'
        return f"<{other}" if other.startswith("!--") else ATTRIBUTE.sub(attribute, match[0])

    return WITH_ADDRESS.sub(tag, html)


def unquote(value: str) -> str:
    return value[1:-1] if value[:1] in ('"', "'") else value
