"""A tree -> HTML, as `markdown.serializers.to_html_string` writes it, in half of its time."""

from functools import cache
from typing import NamedTuple
from xml.etree.ElementTree import HTML_EMPTY, Element

from markdown import serializers
from markdown.serializers import RE_AMP, to_html_string

BOOLEAN: frozenset[str] = vars(serializers)["BOOLEAN_ATTRIBUTES"]["html"]  # not in its stubs


class _Unusual(Exception):
    """What only the library's own can write: comments, instructions, qualified names."""


class _Tag(NamedTuple):
    begin: str
    """All but the attributes and the closing bracket."""
    end: str
    raw: bool
    """Whether its text stays as it is."""


@cache
def _tag(name: str) -> _Tag:
    lower = name.lower()
    return _Tag(
        f"<{name}", "" if lower in HTML_EMPTY else f"</{name}>", lower in ("script", "style")
    )


def to_html(root: Element) -> str:
    """The element and all that it holds. Its tail too, as the library does."""
    try:
        return "".join(_parts(root))
    except _Unusual:
        return to_html_string(root)


def _parts(root: Element) -> list[str]:
    parts: list[str] = []
    write = parts.append
    stack: list[Element | str] = [root]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            write(one)
            continue
        if not isinstance(one.tag, str):
            raise _Unusual
        tag = _tag(one.tag)
        write(tag.begin)
        if one.attrib:
            write(_attributes(one))
        write(">")
        if text := one.text:
            write(text if tag.raw else _escaped(text))
        if tail := one.tail:
            stack.append(_escaped(tail))
        if tag.end:
            stack.append(tag.end)
        if len(one):
            stack.extend(reversed(one))
    return parts


def _escaped(text: str) -> str:
    if "&" in text:
        text = RE_AMP.sub("&amp;", text)
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text


def _attributes(element: Element) -> str:
    return "".join([_attribute(name, value) for name, value in sorted(element.items())])


def _attribute(name: object, value: object) -> str:
    """Of `value` None is an attribute without one (attr_list)."""
    if not isinstance(name, str):
        raise _Unusual
    if value is None:
        return f" {name}"
    if not isinstance(value, str):
        raise _Unusual
    escaped = _escaped(value)
    if '"' in escaped:
        escaped = escaped.replace('"', "&quot;")
    return f" {escaped}" if name == escaped and name in BOOLEAN else f' {name}="{escaped}"'
