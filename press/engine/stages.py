"""What Python-Markdown does before and after its two stages, where there is something to do."""

import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown.extensions.attr_list import AttrListTreeprocessor
from markdown.extensions.md_in_html import HtmlBlockPreprocessor, MarkdownInHTMLPostprocessor
from markdown.extensions.toc import TocTreeprocessor
from markdown.preprocessors import NormalizeWhitespace
from markdown.treeprocessors import PrettifyTreeprocessor, UnescapeTreeprocessor
from markdown.util import ETX, STX

STASHED = re.compile(f"{STX}wzxhzdk:([0-9]+){ETX}")


class Whitespace(NormalizeWhitespace):
    """Line ends, tabs and empty lines: nothing to do in a text that has them right."""

    def run(self, lines: list[str]) -> list[str]:
        source = "\n".join([*lines, ""])
        if any([mark in source for mark in ("\r", "\t", " \n", STX, ETX)]):  # noqa: C419  # faster
            return super().run(lines)
        return [*lines, "", ""]


class HtmlBlocks(HtmlBlockPreprocessor):
    """Blocks of HTML. What has neither a tag nor a reference is all text to the HTML parser."""

    def run(self, lines: list[str]) -> list[str]:
        if any(["<" in line or "&" in line for line in lines]):  # noqa: C419  # a list is faster
            return super().run(lines)
        return lines


class Prettify(PrettifyTreeprocessor):
    """Line breaks between blocks."""

    def _prettifyETree(self, elem: Element) -> None:  # noqa: N802  # its name
        block = self.md.is_block_level
        if elem.tag not in ("code", "pre") and block(elem.tag):
            if len(elem) and not (elem.text and elem.text.strip()) and block(elem[0].tag):
                elem.text = "\n"
            for child in elem:
                if block(child.tag):
                    self._prettifyETree(child)
        if not (elem.tail and elem.tail.strip()):
            elem.tail = "\n"


class AttributeLists(AttrListTreeprocessor):
    """`{.class}`: each of its expressions has the brace."""

    def run(self, doc: Element) -> None:
        if "{" in "".join(doc.itertext()):
            super().run(doc)


class Contents(TocTreeprocessor):
    """The headings. Their list is made where an article asks for it."""

    _asked = True

    def run(self, doc: Element) -> None:
        self._asked = self.marker in "".join(doc.itertext())
        super().run(doc)

    def build_toc_div(self, toc_list: list[Any]) -> Element:
        return super().build_toc_div(toc_list) if self._asked else Element("div")

    def replace_marker(self, root: Element, elem: Element) -> None:
        if self._asked:
            super().replace_marker(root, elem)


class Unescape(UnescapeTreeprocessor):
    """Characters that were escaped with a backslash."""

    def run(self, root: Element) -> None:
        for one in root.iter():
            if (text := one.text) and STX in text and one.tag != "code":
                one.text = self.unescape(text)
            if (tail := one.tail) and STX in tail:
                one.tail = self.unescape(tail)
            for name, value in one.items():
                if value and STX in value:
                    one.set(name, self.unescape(value))


class RawHtml(MarkdownInHTMLPostprocessor):
    """Puts stashed HTML back: out of its paragraph, if it is a block and all that stands there."""

    def run(self, text: str) -> str:
        if not self.md.htmlStash.html_counter or STX not in text:
            return text
        # Each second part is the number of what is stashed between the parts beside it.
        parts = STASHED.split(text)
        for at in range(1, len(parts), 2):
            if int(parts[at]) >= self.md.htmlStash.html_counter:
                parts[at] = f"{STX}wzxhzdk:{parts[at]}{ETX}"
                continue
            stashed: Any = self.md.htmlStash.rawHtmlBlocks[int(parts[at])]
            html = self.stash_to_string(stashed)
            if parts[at - 1].endswith("<p>") and parts[at + 1].startswith("</p>"):
                parts[at - 1] = parts[at - 1][:-3]
                parts[at + 1] = parts[at + 1][4:]
                html = html if self.isblocklevel(html) else f"<p>{html}</p>"
            parts[at] = self.run(html)
        return "".join(parts)


LEANER: dict[type, Any] = {
    NormalizeWhitespace: Whitespace,
    HtmlBlockPreprocessor: HtmlBlocks,
    PrettifyTreeprocessor: Prettify,
    AttrListTreeprocessor: AttributeLists,
    TocTreeprocessor: Contents,
    UnescapeTreeprocessor: Unescape,
    MarkdownInHTMLPostprocessor: RawHtml,
}
"""By the class of a processor, and of no class that is made from it."""
