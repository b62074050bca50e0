"""Where an element of an article may stand: what a browser would move, and a judge of pages finds.

HTML (html.spec.whatwg.org, 4 and 13.2.6): a paragraph ends where a block begins, a link within a
link ends it, and what belongs to a list, a table or a box means nothing elsewhere.
"""

from collections.abc import Iterable

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "center", "details", "dialog", "div", "dl",
    "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary",
    "table", "ul",
})  # fmt: skip
# What holds text and no block.
PHRASES = frozenset({
    "abbr", "b", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "h1", "h2", "h3", "h4", "h5",
    "h6", "i", "kbd", "mark", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "sup",
    "time", "u", "var",
})  # fmt: skip
PARENTS = {
    "li": ("ul", "ol", "menu"),
    **dict.fromkeys(("dt", "dd"), ("dl", "div")),
    "summary": ("details",),
    "figcaption": ("figure",),
    **dict.fromkeys(("caption", "colgroup", "thead", "tbody", "tfoot"), ("table",)),
    "col": ("colgroup",),
    "tr": ("table", "thead", "tbody", "tfoot"),
    **dict.fromkeys(("td", "th"), ("tr",)),
}
# What an element ends whose own end is left out (HTML, 13.1.2.4).
ENDS = {
    "li": frozenset({"li"}),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd"})),
    **dict.fromkeys(("rt", "rp"), frozenset({"rt", "rp"})),
    **dict.fromkeys(("td", "th"), frozenset({"td", "th"})),
    "tr": frozenset({"td", "th", "tr"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset({"td", "th", "tr", "thead", "tbody"})),
}
# Where none of this is asked: they have rules of their own.
FOREIGN = frozenset({"svg", "math"})
HINT = "put empty lines around the block, or write it within what can hold it"


def end_before(tag: str, opened: list[str]) -> None:
    """Take the elements out of those that are open which this one ends."""
    while opened and opened[-1] in ENDS.get(tag, ()):
        opened.pop()


def misplaced(tag: str, opened: Iterable[str]) -> str:
    """Why an element can't stand where it does, within those that are open; empty if it can."""
    within = list(opened)
    if FOREIGN & set(within):
        return ""
    wanted = PARENTS.get(tag)
    if wanted and (not within or within[-1] not in wanted):
        return f"`<{tag}>` has to stand right within `<{wanted[0]}>`"
    if tag == "a" and "a" in within:
        return "`<a>` can't stand within another one"
    holder = next((one for one in reversed(within) if one in PHRASES), "")
    if holder and tag in BLOCKS:
        where = "a paragraph" if holder == "p" else f"`<{holder}>`"
        return f"`<{tag}>` can't stand within {where}"
    return ""
