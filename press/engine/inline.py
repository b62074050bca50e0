"""The inline stage of Python-Markdown, which tries no pattern that a text has no marks of.

What it makes is what `markdown.treeprocessors.InlineProcessor` makes, in the same order.
"""

from collections import deque
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.smarty import SubstituteTextPattern
from markdown.inlinepatterns import Pattern
from markdown.treeprocessors import Treeprocessor
from markdown.util import (
    INLINE_PLACEHOLDER,
    INLINE_PLACEHOLDER_PREFIX,
    INLINE_PLACEHOLDER_RE,
    AtomicString,
    Registry,
)

from press.engine.plans import Plans, Try


class Inline(Treeprocessor):
    """Finds what is within lines: in the texts of a tree, and again in those of what it finds."""

    def __init__(self, md: Markdown, patterns: Registry[Pattern]) -> None:
        super().__init__(md)
        self.stashed_nodes: dict[str, Element | str] = {}
        self._plans = Plans(patterns)

    def run(self, root: Element) -> Element:
        self.stashed_nodes = {}
        self._plans.begin(self.md)
        waiting = deque([root])
        while waiting:
            current = waiting.popleft()
            added = []
            for child in current:
                text = child.text
                if text and not isinstance(text, AtomicString):
                    made = self._in_text(child, text)
                    waiting += made
                    added.append((child, made))
                # Most tails are the line break that `prettify` puts between blocks.
                if child.tail and child.tail != "\n":
                    self._in_tail(current, child, child.tail)
                if len(child):
                    waiting.append(child)
            for element, made in added:
                for index, one in enumerate(made):
                    element.insert(index, one)
        return root

    def _in_text(self, child: Element, text: str) -> list[Element]:
        data = self._stashed(text)
        if INLINE_PLACEHOLDER_PREFIX not in data:  # Then it is the text.
            return []
        child.text = None
        return self._placed(data, child, is_tail=False)

    def _in_tail(self, parent: Element, child: Element, tail: str) -> None:
        data = self._stashed(tail)
        if INLINE_PLACEHOLDER_PREFIX not in data:
            return
        holder = Element("d")
        made = self._placed(data, holder, is_tail=True)
        child.tail = holder.tail or None
        after = list(parent).index(child) + 1
        for one in reversed(made):
            parent.insert(after, one)

    def _stashed(self, data: str, first: int = 0) -> str:
        """The text with a placeholder for each match of the patterns from the `first` on.

        A mark that a text does not have at first it never has: what comes into it are placeholders.
        """
        if isinstance(data, AtomicString):
            return data
        for one in self._plans.of(data):
            if one.place >= first and (one.guard is None or one.guard(data)):
                data = self._apply(one, data)
        return data

    def _apply(self, one: Try, data: str) -> str:
        at = 0
        while True:
            for match in one.find.finditer(data, at):
                node, start, end = one.pattern.handleMatch(match, data)
                if start is not None and end is not None:
                    break
            else:
                return data
            if node is None:
                at = end
                continue
            if not isinstance(node, str) and not isinstance(node.text, AtomicString):
                for child in [node, *node]:
                    if child.text:
                        child.text = self._stashed(child.text, one.place + 1)
                    if child.tail:
                        child.tail = self._stashed(child.tail, one.place)
            placeholder = self._stash(node)
            data = f"{data[:start]}{placeholder}{data[end:]}"
            at = start + len(placeholder)

    def _stash(self, node: Element | str) -> str:
        name = f"{len(self.stashed_nodes):04}"
        self.stashed_nodes[name] = node
        return INLINE_PLACEHOLDER % name

    def _placed(self, data: str, parent: Element, *, is_tail: bool) -> list[Element]:
        """The elements that a text has placeholders for; its words go to `parent`, and between."""
        made: list[Element] = []
        at = 0
        while (index := data.find(INLINE_PLACEHOLDER_PREFIX, at)) >= 0:
            match = INLINE_PLACEHOLDER_RE.search(data, index)
            node = self.stashed_nodes.get(match[1]) if match else None
            if match is None or node is None:
                end = index + len(INLINE_PLACEHOLDER_PREFIX)
                _add(data[at:end], made, parent, is_tail)
                at = end
                continue
            _add(data[at:index], made, parent, is_tail)
            at = match.end()
            if isinstance(node, str):
                _add(node, made, parent, is_tail)
            else:
                self._settle(node)
                made.append(node)
        rest = data[at:]
        _add(AtomicString(rest) if isinstance(data, AtomicString) else rest, made, parent, is_tail)
        return made

    def _settle(self, node: Element) -> None:
        """Put into an element, and into what it holds, what they have placeholders for."""
        for child in [node, *node]:
            if (tail := child.tail) and INLINE_PLACEHOLDER_PREFIX in tail:
                child.tail = None
                made = self._placed(tail, child, is_tail=True)
                at = 0 if child is node else list(node).index(child) + 1
                for one in reversed(made):
                    node.insert(at, one)
            if (text := child.text) and INLINE_PLACEHOLDER_PREFIX in text:
                child.text = None
                for one in reversed(self._placed(text, child, is_tail=False)):
                    child.insert(0, one)


class Words(Inline):
    """The stage of `smarty`, whose patterns find no elements: a text stays one text."""

    def __init__(self, md: Markdown, patterns: Registry[Pattern]) -> None:
        super().__init__(md, patterns)
        if strange := [one for one in patterns if type(one) is not SubstituteTextPattern]:
            raise TypeError(f"{strange} may find elements")

    def run(self, root: Element) -> Element:
        self.stashed_nodes = {}
        self._plans.begin(self.md)
        elements = root.iter()
        next(elements)  # Not the root itself: what stands in it is nothing of the article.
        for one in elements:
            if one.text:
                one.text = self._changed(one.text)
            if one.tail and one.tail != "\n":
                one.tail = self._changed(one.tail)
        return root

    def _changed(self, text: str) -> str:
        data = self._stashed(text)
        if INLINE_PLACEHOLDER_PREFIX not in data:
            return text
        parts: list[str] = INLINE_PLACEHOLDER_RE.split(data)
        for at in range(1, len(parts), 2):
            parts[at] = str(self.stashed_nodes.get(parts[at], INLINE_PLACEHOLDER % parts[at]))
        return "".join(parts)


def _add(text: str, made: list[Element], parent: Element, is_tail: bool) -> None:
    """Words behind the elements so far, or at the beginning of what is to hold them."""
    if not text:
        return
    if made:
        made[-1].tail = made[-1].tail + text if made[-1].tail else text
    elif is_tail:
        parent.tail = parent.tail + text if parent.tail else text
    else:
        parent.text = parent.text + text if parent.text else text
