"""What Markdown has here besides Python-Markdown's own: task lists, captions, formulas, and tables,
sections and notes that can be used by keyboard and by ear.
"""

import re
import unicodedata
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions import Extension
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.inlinepatterns import BACKTICK_RE
from markdown.treeprocessors import Treeprocessor

from press import formulas, rawblocks
from press.engine.conditions import BLOCKS
from press.engine.patterns import CodeSpans
from press.words import Words, marked, marked_in

# Of a title in ASCII, which has no marks to go with its letters.
NO_ANCHOR = re.compile(r"[^\w\s-]")
DOLLAR = re.compile(r"(?<!\\)\$\Z")
TASK = re.compile(r"\[([ xX])\]\s+")
BOXES = {" ": ("☐", marked("to do")), "x": ("☑", marked("done"))}
ADMONITIONS = frozenset({
    marked_in("admonition", "Attention"), marked_in("admonition", "Caution"),
    marked_in("admonition", "Danger"), marked_in("admonition", "Error"),
    marked_in("admonition", "Example"), marked_in("admonition", "Hint"),
    marked_in("admonition", "Important"), marked_in("admonition", "Info"),
    marked_in("admonition", "Note"), marked_in("admonition", "Question"),
    marked_in("admonition", "Summary"), marked_in("admonition", "Tip"),
    marked_in("admonition", "Warning"),
})  # fmt: skip
"""The kinds that have a name in other languages; any other word is its own name."""
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
WRAPPED = HEADINGS | {"table"}


def slugify(title: str, separator: str) -> str:
    """A usable anchor for a title in any script; `section` for one without letters or digits."""
    kept = NO_ANCHOR.sub("", title) if title.isascii() else _kept(title)
    words = re.split(rf"[\s{re.escape(separator)}]+", kept.lower())
    return separator.join(filter(None, words)) or "section"


def _kept(title: str) -> str:
    kept = ""
    for char in unicodedata.normalize("NFC", title):
        if char.isalnum() or char in "_-" or char.isspace():
            kept += char
        elif kept[-1:].strip() and unicodedata.category(char) in ("Mn", "Mc"):
            kept += char  # the vowels of many scripts; but nothing of an emoji
    return kept


class Dialect(Extension):
    """`formulas` has each that the text has had since the last reset, and `wrong` in it or not."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.words = words
        self.formulas: list[str] = []

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # its name
        md.registerExtension(self)
        self.stash = md.htmlStash.store
        md.inlinePatterns.register(_Code(self), "backtick", 190)
        # In the place of Python-Markdown's own.
        md.parser.blockprocessors.register(_Admonition(md.parser, self.words), "admonition", 105)
        tasks = _Tasks(md, self.words)
        md.treeprocessors.register(tasks, "tasks", 25)  # before what is within lines
        finish = _Finish(md, self.words)
        md.treeprocessors.register(finish, "finish", 3)  # after all that sets attributes

    def reset(self) -> None:
        self.formulas = []


class _Code(CodeSpans):
    """Code in backquotes, and formulas: what forges show as one, so no price is taken for it."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(BACKTICK_RE)
        self.dialect = dialect

    def handleMatch(  # type: ignore[override]  # noqa: N802  # as the library, not its stubs
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        code, start, end = super().handleMatch(m, data)
        if not isinstance(code, Element) or start is None or end is None:
            return code, start, end
        source = data[start + 1 : end - 1]
        if (
            source.startswith("`")
            or not DOLLAR.search(data, 0, start)
            or data[end : end + 1] != "$"
        ):
            return code, start, end
        self.dialect.formulas.append(source)
        return self.dialect.stash(formulas.shown(source)), start - 1, end + 1


class _Admonition(AdmonitionProcessor):
    """An admonition without a title has the name of its kind."""

    def __init__(self, parser: BlockParser, words: Words) -> None:
        super().__init__(parser)
        self.words = words

    def get_class_and_title(self, match: re.Match[str]) -> tuple[str, str | None]:
        kind, title = super().get_class_and_title(match)
        if match[2] is None and title in ADMONITIONS:
            title = self.words.pgettext("admonition", title)
        return kind, title


BLOCKS[_Admonition] = BLOCKS[AdmonitionProcessor]


class _Tasks(Treeprocessor):
    """`- [x] done` -> an item with a symbol that says so."""

    def __init__(self, md: Markdown, words: Words) -> None:
        super().__init__(md)
        self.words = words

    def run(self, root: Element) -> None:
        for item in root.iter("li"):
            first = item[0] if len(item) and not (item.text or "").strip() else item
            holder = first if first.tag == "p" else item
            if task := TASK.match((holder.text or "").lstrip()):
                self._mark(item, holder, task)

    def _mark(self, item: Element, holder: Element, task: re.Match[str]) -> None:
        symbol, state = BOXES[task[1].lower()]
        item.set("class", "task")
        box = Element("span", {"role": "img", "aria-label": self.words.gettext(state)})
        box.text = symbol
        box.tail = " " + (holder.text or "").lstrip()[task.end() :]
        holder.text = ""
        holder.insert(0, box)


class _Finish(Treeprocessor):
    def __init__(self, md: Markdown, words: Words) -> None:
        super().__init__(md)
        self.words = words

    def run(self, root: Element) -> None:
        rawblocks.settle(root, self.md.htmlStash.rawHtmlBlocks)
        elements = list(root.iter())
        self.parents = {
            child: parent for parent in elements for child in parent if child.tag in WRAPPED
        }
        self.section = ""
        for element in elements:
            if element.tag in HEADINGS and element.get("id"):
                self._heading(element)
            elif element.tag == "table":
                self._table(element)
            elif element.tag in ("th", "td"):
                _align(element)
            elif element.tag == "pre":
                element.set("tabindex", "0")  # its lines may be long
            elif element.tag == "p":
                _caption(element)
            elif element.tag == "a":
                _name_note(element, self.words)

    def _wrap(self, element: Element, **attributes: str) -> Element:
        parent = self.parents[element]
        wrapper = Element("div", attributes)
        parent[list(parent).index(element)] = wrapper
        wrapper.tail, element.tail = element.tail, None
        wrapper.append(element)
        self.parents[element] = wrapper
        return wrapper

    def _heading(self, heading: Element) -> None:
        """A link beside the heading: within it, it would be part of the section's name."""
        self.section = heading.get("id", "")
        wrapper = self._wrap(heading, **{"class": "heading"})
        link = {"class": "anchor", "href": f"#{self.section}", "aria-labelledby": self.section}
        SubElement(wrapper, "a", link, **{"data-pagefind-ignore": ""}).text = "#"

    def _table(self, table: Element) -> None:
        """A box that a wide table scrolls in, by keyboard too. It has the name of its section."""
        name = {"role": "group", "aria-labelledby": self.section} if self.section else {}
        self._wrap(table, **{"class": "table", "tabindex": "0", **name})


def _align(cell: Element) -> None:
    """A page can't have styles in its text, so the column's alignment is a class."""
    if (style := cell.attrib.pop("style", "")).startswith("text-align: "):
        cell.set("class", style.removeprefix("text-align: ").rstrip(";"))
    elif style:
        cell.set("style", style)


def _caption(paragraph: Element) -> None:
    """A paragraph that is one image with a title becomes a figure with a caption."""
    if len(paragraph) != 1 or (paragraph.text or "").strip():
        return
    child = paragraph[0]
    image = child[0] if child.tag == "a" and len(child) == 1 and not child.text else child
    if image.tag == "img" and image.get("title") and not (child.tail or image.tail or "").strip():
        paragraph.tag = "figure"
        paragraph.set("class", " ".join(filter(None, ("image", paragraph.get("class")))))
        SubElement(paragraph, "figcaption").text = image.attrib.pop("title")


def _name_note(link: Element, words: Words) -> None:
    """Names for the links to a footnote and back, which show a number and an arrow."""
    if link.get("class") == "footnote-ref":
        link.set("aria-label", words.gettext("Note %(number)s", number=link.text))
    elif link.get("class") == "footnote-backref":
        link.set("aria-label", link.attrib.pop("title", ""))
