"""An article's HTML for the pages of others: feed readers, which have no script or style of ours.

What runs, asks or frames goes, and so do ids, and classes but for the language of code. What a
reader would miss is said in words: where a frame leads, and which boxes of a list are ticked.
"""

import re
from functools import cache
from html import escape

import nh3

from press.links import SAFE_SCHEMES
from press.tags import references

FRAME = re.compile(r"<iframe\b.*?(?:</iframe\s*>|\Z)", re.DOTALL | re.IGNORECASE)
BOX = re.compile(r"<input\b[^>]*\btype=[\"']?checkbox\b[^>]*>", re.IGNORECASE)
# What leads back, or to itself, within a page.
WITHIN = re.compile(
    r"(?:&#160;|\s)*<a\b[^>]*\bclass=\"(?:footnote-backref|headerlink|permalink)\b[^>]*>.*?</a>",
    re.DOTALL,
)

MATH = {
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup",
    "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "semantics",
}  # fmt: skip
TAGS = (nh3.ALLOWED_TAGS - {"area", "map"}) | MATH | {"audio", "picture", "source", "video"}
# These go with all that is in them; of others that are not known, the tags go.
WHOLE = {
    "annotation", "annotation-xml", "button", "canvas", "iframe", "noscript", "script", "select",
    "style", "svg", "template", "textarea", "title",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href", "hreflang"},
    "audio": {"controls", "src"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "data": {"value"},
    "del": {"datetime"},
    "details": {"open"},
    "img": {"alt", "height", "sizes", "src", "srcset", "width"},
    "ins": {"datetime"},
    "li": {"value"},
    "math": {"display"},
    "ol": {"reversed", "start", "type"},
    "source": {"media", "sizes", "src", "srcset", "type"},
    "td": {"colspan", "headers", "rowspan", "style"},
    "th": {"colspan", "headers", "rowspan", "scope", "style"},
    "time": {"datetime"},
    "video": {"controls", "height", "poster", "src", "width"},
}


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        filter_style_properties={"text-align"},  # tables have it from Markdown
        url_schemes=set(SAFE_SCHEMES),
        url_relative="deny",  # all are whole by now
        link_rel=None,
    )


def html(text: str) -> str:
    """The HTML as the pages of others can show it."""
    text = FRAME.sub(_frame, text)
    text = BOX.sub(lambda box: "☑" if re.search(r"\bchecked\b", box[0]) else "☐", text)
    return _cleaner().clean(WITHIN.sub("", text)).replace("<p></p>\n", "")


def _frame(match: re.Match[str]) -> str:
    """A link to what a frame shows."""
    addresses, _ = references(match[0])
    return "".join(f'<p><a href="{escape(one)}">{escape(one)}</a></p>' for one in addresses[:1])


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("code", "class"):
        return next((one for one in value.split() if one.startswith("language-")), None)
    return value
