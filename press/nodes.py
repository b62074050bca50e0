"""HTML that is well formed -> a tree of its elements, for who reads it in another form. Names are
in lower case.
"""

import re
from collections.abc import Iterator
from html import unescape

from msgspec import Struct, field

from press.elements import attributes

# A tag, by what ends it and its name; a comment has none.
TAG = re.compile(
    r"""<(?:!--.*?--|(/?)([a-zA-Z][^\s/>]*)(?:[^<>"']|"[^"]*"|'[^']*')*)>""", re.DOTALL
)
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"]
)


class Node(Struct):
    """An element. `start` is where it stands in the text that was parsed."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)
    start: int = 0

    @property
    def elements(self) -> "Iterator[Node]":
        return (one for one in self.children if isinstance(one, Node))

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(one if isinstance(one, str) else one.text for one in self.children)

    def every(self, name: str) -> "Iterator[Node]":
        """The elements of a name in it, in order."""
        for one in self.elements:
            if one.name == name:
                yield one
            yield from one.every(name)


class _Parser:
    """Reads tags by their patterns: Python's own parser, for any HTML, takes five times as long."""

    def __init__(self) -> None:
        self.root = Node("")
        self._open = [self.root]

    def read(self, html: str) -> None:
        last = 0
        for tag in TAG.finditer(html):
            start, end = tag.span()
            self._text(html[last:start])
            last = end
            if name := tag[2]:
                (self._end if tag[1] else self._start)(name, tag[0], start)
        self._text(html[last:])

    def _text(self, text: str) -> None:
        if text:
            self._open[-1].children.append(unescape(text) if "&" in text else text)

    def _start(self, name: str, tag: str, start: int) -> None:
        node = Node(name, dict(attributes(tag)) if "=" in tag else {}, [], start)
        self._open[-1].children.append(node)
        if name not in VOID and not tag.endswith("/>"):
            self._open.append(node)

    def _end(self, name: str, _tag: str, _start: int) -> None:
        """What it does not open is no matter, and what is open within it ends with it."""
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].name == name:
                del self._open[depth:]
                return


def parse(html: str) -> Node:
    """A node without a name that holds the text's own. What is not well formed is read somehow."""
    parser = _Parser()
    parser.read(html)
    return parser.root
