"""An article's HTML for the pages of others: feed readers, which have no script or style of ours.

What runs, asks or frames goes, and so do ids, and classes but for the language of code. Most of it
no article can have (refused.py); here nothing depends on that.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from press.links import SAFE_SCHEMES

if TYPE_CHECKING:
    import nh3

# What leads back within a page.
BACK = re.compile(r"(?:&#160;|\s)*<a\b[^>]*\bclass=\"footnote-backref\b[^>]*>.*?</a>", re.DOTALL)

MATH = {
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup",
    "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "semantics",
}  # fmt: skip
MEDIA = {"audio", "picture", "source", "video"}
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


MARKED = {"div": {"admonition", "footnote"}, "li": {"task"}}
"""Element -> classes, for who has a stylesheet that knows them: our mails."""


@cache
def _cleaner(*, marked: bool) -> "nh3.Cleaner":
    import nh3

    return nh3.Cleaner(
        allowed_classes=MARKED if marked else {},
        tags=(nh3.ALLOWED_TAGS - {"area", "map"}) | MATH | MEDIA,
        clean_content_tags=WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        filter_style_properties={"text-align"},  # tables have it from Markdown
        url_schemes=set(SAFE_SCHEMES),
        url_relative="deny",  # all are whole by now
        link_rel=None,
    )


def html(text: str, *, marked: bool = False) -> str:
    """The HTML as the pages of others can show it; the classes in MARKED stay where it is asked."""
    clean = _cleaner(marked=marked).clean(_without_back(text))
    return clean.replace("<p></p>\n", "").replace(' class=""', "")


def _without_back(text: str) -> str:
    """The pattern tries each space of a text: it begins at the first that there is to find."""
    first = text.find("footnote-backref")
    if first < 0:
        return text
    start = text.rfind(">", 0, text.rfind("<", 0, first)) + 1  # with the spaces before its tag
    return text[:start] + BACK.sub("", text[start:])


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("code", "class"):
        return next((one for one in value.split() if one.startswith("language-")), None)
    return value
