"""HTML that an article can't have: what its page's rules or a feed's reader would take out.

Authors write HTML where Markdown has no word for it. What would silently not work (scripts, styles,
frames, forms) is refused instead, and so is what browsers and judges of pages take for a mistake:
elements that are never closed or out of place, or that HTML has given up.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from msgspec import Struct, field

from press import placing
from press.elements import ADDRESSES

# Pages allow no script and no style within them (Content-Security-Policy).
NO_SCRIPT = "put the script into templates/assets, and link it from a template"
NO_STYLE = "give it a class, as in {.wide}, and put the style into templates/assets/style.css"
NO_FRAME = "link to it: [a title](https://example.org/)"
ELEMENTS = {
    **dict.fromkeys(("script", "noscript"), NO_SCRIPT),
    "style": NO_STYLE,
    **dict.fromkeys(("iframe", "frame", "frameset", "object", "embed", "applet"), NO_FRAME),
    **dict.fromkeys(
        ("form", "button", "input", "select", "textarea"),
        "an article has no forms: put one into templates/site",
    ),
    **dict.fromkeys(
        ("base", "meta", "link", "title", "html", "head", "body", "main", "nav"),
        "this belongs to a whole page: put it into templates/site",
    ),
    **dict.fromkeys(("template", "slot", "plaintext", "xmp"), "take it out"),
    **dict.fromkeys(("center", "font", "basefont", "big", "blink", "marquee", "nobr"), NO_STYLE),
    **dict.fromkeys(("tt", "strike", "acronym", "dir"), "HTML has given it up: write another one"),
}
ATTRIBUTES = {
    "style": NO_STYLE,
    **dict.fromkeys(("srcdoc", "action", "formaction", "ping"), "take it out"),
    **dict.fromkeys(
        ("align", "valign", "bgcolor", "border", "cellpadding", "cellspacing"), NO_STYLE
    ),
    "markdown": "Markdown is read within HTML that stands in no list and no quote: move it out",
}
OF_ONE = {("a", "name"): "give a section a name by {#name} behind its title, or write `id`"}
# Of which a judge of pages says that they mean nothing without.
NEEDED = {"img": "alt", "data": "value", "meter": "value"}
SCRIPT = re.compile(r"(?:java|vb)script:", re.IGNORECASE)
VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
})  # fmt: skip
# Their end may be left out (HTML, 13.1.2.4).
OPTIONAL = frozenset({
    "p", "li", "dt", "dd", "rt", "rp", "optgroup", "option", "colgroup", "caption", "thead",
    "tbody", "tfoot", "tr", "td", "th",
})  # fmt: skip


class Refused(Struct, frozen=True, order=True):
    """What an article can't have."""

    what: str
    pattern: str
    """A regular expression for it in the article's text."""
    hint: str
    tag: str = ""
    """The element that is not closed, or closes nothing, if that is it."""


class _Found(Struct):
    refused: set[Refused] = field(default_factory=set)
    open: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads as browsers do; a pattern could be deceived."""

    def __init__(self) -> None:
        super().__init__()
        self.found = _Found()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        placing.end_before(tag, self.found.open)
        self._look(tag, attrs)
        if tag not in VOID:
            self.found.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, attrs)
        # Outside of SVG and MathML a browser takes `<b/>` for `<b>`.
        if tag not in VOID and not {"svg", "math"} & {tag, *self.found.open}:
            self.found.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        opened = self.found.open
        if tag not in opened:
            self._unbalanced(tag, f"`</{tag}>` closes nothing")
            return
        while (last := opened.pop()) != tag:
            if last not in OPTIONAL:
                self._unbalanced(last, f"`<{last}>` is not closed where it should be")

    def close(self) -> None:
        super().close()
        for tag in self.found.open:
            if tag not in OPTIONAL:
                self._unbalanced(tag, f"`<{tag}>` is never closed")

    def _look(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pattern = rf"<{re.escape(tag)}\b"
        if tag in ELEMENTS and not (tag == "title" and "svg" in self.found.open):
            self._refuse(f"`<{tag}>`", pattern, ELEMENTS[tag])
        elif message := placing.misplaced(tag, self.found.open):
            self.found.refused.add(Refused(message, pattern, placing.HINT))
        needed = NEEDED.get(tag, "")
        if needed and needed not in dict(attrs) and not placing.FOREIGN & {*self.found.open}:
            self._refuse(f"`<{tag}>` without `{needed}`", pattern, f"give it `{needed}`")
        for name, value in attrs:
            if name in ATTRIBUTES or (tag, name) in OF_ONE or name.startswith("on"):
                hint = ATTRIBUTES.get(name) or OF_ONE.get((tag, name), NO_SCRIPT)
                self._refuse(f"the attribute `{name}`", rf"\b{re.escape(name)}\s*=", hint)
            elif name not in ADDRESSES and SCRIPT.match(re.sub(r"[\s\0]", "", value or "")):
                # Those of links and images are looked at with all the other addresses.
                self._refuse("an address that is a script", r"script\s*:", "link to a page")

    def _refuse(self, what: str, pattern: str, hint: str) -> None:
        self.found.refused.add(Refused(f"an article can't have {what}", pattern, hint))

    def _unbalanced(self, tag: str, message: str) -> None:
        hint = "close each element in the block that opens it; write what is no HTML as `code`"
        self.found.refused.add(Refused(message, rf"</?{re.escape(tag)}\b", hint, tag))


def find(html: str) -> Iterator[Refused]:
    """What a text can't have, each once."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    yield from sorted(reader.found.refused)
