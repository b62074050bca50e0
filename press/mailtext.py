"""An article as plain text, for mail: its code as it was written, links in a list at the end.

It is made of what Markdown says, with fences as they stand in the article. What an article has
that text can't show is said as Markdown would write it: `code`, *emphasis*, superscripts ².
"""

from collections.abc import Sequence

from msgspec import Struct, field

from press import mailhtml, marks, pairs
from press.folding import BREAK, NO_BREAK_SPACE, columns, fold
from press.model import Fence
from press.nodes import Node
from press.texttable import table
from press.words import Words

WIDTH = 76
"""Columns: with the `> ` of an answer it is within 78 still."""
INDENT = "    "
LEAST = 24
"""Columns that a text keeps however deep it stands."""
BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figcaption", "figure",
     "footer", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
     "section", "table", "ul", "fences"]
)  # fmt: skip
AROUND = {
    "b": "**", "code": "`", "del": "~~", "em": "*", "i": "*", "kbd": "`", "q": '"', "samp": "`",
    "strike": "~~", "strong": "**", "var": "*",
}  # fmt: skip
RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
UNDERLINES = {"h2": "=", "h3": "-"}


class Writer(Struct):
    """Writes the text of an article's pieces, one after the other; their links have one count."""

    fences: Sequence[Fence]
    base: str
    """The address of the article's page: what leads to a place on it needs no number."""
    words: Words
    links: list[str] = field(default_factory=list)

    def text(self, piece: Node) -> str:
        """The text of a piece of simple HTML with elements for fences."""
        return "\n".join(self._blocks(piece, WIDTH))

    def _blocks(self, node: Node, width: int, *, tight: bool = False) -> list[str]:
        """The lines of what is in an element, with an empty one between two blocks."""
        lines: list[str] = []
        for part in self._parts(node):
            made = self._block(part, width) if isinstance(part, Node) else fold(part, width)
            if made and lines and not tight:
                lines.append("")
            lines += made
        return lines

    def _parts(self, node: Node) -> list[Node | str]:
        """Its blocks, and what stands between them as the text of a paragraph each."""
        parts: list[Node | str] = []
        words = ""
        for child in node.children:
            if isinstance(child, Node) and child.name in BLOCKS:
                parts += [words, child] if words.strip() else [child]
                words = ""
            else:
                words += self._inline(child)
        return [*parts, words] if words.strip() else parts

    def _block(self, node: Node, width: int) -> list[str]:
        width = max(width, LEAST)
        if node.name == "fences":
            return self._code(node)
        if node.name == "pre":
            return _indented(node.text.strip("\n").split("\n"), INDENT)
        if node.name == "hr":
            return ["* * *"]
        if node.name in ("ul", "ol"):
            return self._list(node, width)
        if node.name == "table":
            rows = [[self._line(cell) for cell in row.elements] for row in node.every("tr")]
            return table(rows, width, headed=bool(next(node.every("th"), None)))
        if node.name == "blockquote" or node.attributes.get("class") == "admonition":
            mark = "> " if node.name == "blockquote" else "| "
            return _indented(self._blocks(node, width - 2), mark)
        if node.name == "dd":
            return _indented(self._blocks(node, width - 4), INDENT)
        if node.name in mailhtml.HEADINGS:
            return _heading(self._line(node), UNDERLINES.get(node.name, ""), width)
        return self._blocks(node, width)

    def _code(self, node: Node) -> list[str]:
        lines: list[str] = []
        run = [self.fences[int(index)] for index in node.text.split()]
        for fence in (fence for group in pairs.groups(run) for side in group for fence in side):
            said = mailhtml.label(fence, self.words)
            lines += [""] * bool(lines) + ([f"{said}:", ""] if said else [])
            code = fence.shown.rstrip("\n").split("\n")
            lines += _indented(mailhtml.signed(code, marks.lines(fence)), INDENT)
        return lines

    def _list(self, node: Node, width: int) -> list[str]:
        items = [item for item in node.elements if item.name == "li"]
        first = node.attributes.get("start", "1")
        number = int(first) if first.lstrip("-").isdecimal() else 1
        tight = not any(next(item.every("p"), None) for item in items)
        lines: list[str] = []
        for place, item in enumerate(items, number):
            mark = f"{place}. " if node.name == "ol" else "- "
            made = self._blocks(item, width - len(mark), tight=tight)
            lines += [""] * bool(lines and not tight)
            lines += _indented(made or [""], " " * len(mark), mark)
        return lines

    def _line(self, node: Node) -> str:
        """All that is in an element, in one line."""
        return " ".join("".join(map(self._inline, node.children)).split())

    def _inline(self, node: Node | str) -> str:
        if isinstance(node, str):
            return node.replace(BREAK, " ")
        within = "".join(map(self._inline, node.children))
        if node.name == "br":
            return BREAK
        if node.name == "img":
            return f"[{alt}]" if (alt := " ".join(node.attributes.get("alt", "").split())) else ""
        if node.name == "a":
            return self._link(node.attributes.get("href", ""), within)
        if node.name in ("sup", "sub"):
            return _shifted(node.text, node.name) or within
        around = AROUND.get(node.name, "") if within.strip() else ""
        return f"{around}{within}{around}"

    def _link(self, href: str, within: str) -> str:
        """Its words with the number of its address; what leads to a note is a number already."""
        words = within.strip()
        if not href or href.startswith(f"{self.base}#fn"):
            return within
        if words in (href, href.removeprefix("mailto:")):
            return href.removeprefix("mailto:")
        if href not in self.links:
            self.links.append(href)
        return f"{within}{NO_BREAK_SPACE}[{self.links.index(href) + 1}]"


def _heading(title: str, underline: str, width: int) -> list[str]:
    lines = fold(title, width)
    widest = min(max(map(columns, lines)), width)
    return [*lines, underline * widest] if underline else lines


def _shifted(text: str, name: str) -> str:
    """Raised or lowered digits, where there are such characters for all of a text."""
    moved = text.translate(RAISED if name == "sup" else LOWERED)
    if all(one != other for one, other in zip(text, moved, strict=True)):
        return moved
    return f"{'^' if name == 'sup' else '_'}{text}"


def _indented(lines: Sequence[str], indent: str, first: str | None = None) -> list[str]:
    """Lines behind an indent, the first one behind another; an empty one ends where it begins."""
    marks = [indent if first is None else first, *[indent] * (len(lines) - 1)]
    return [f"{mark}{line}".rstrip() for mark, line in zip(marks, lines, strict=True)]
