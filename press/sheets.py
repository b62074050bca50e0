"""What style sheets of ours say, in the publication's language."""

import re
from collections.abc import Mapping

from press.words import Words, marked

SAID = {
    "assets/code.css": (
        ("pre ins::before", '"+" / {}', marked("added")),
        ("pre del::before", '"\\2212" / {}', marked("removed")),
    ),
    "assets/feed.css": (
        (
            "rss::before, feed::before",
            "{}; unicode-bidi: plaintext",
            marked(
                "This is a feed. Copy the address of this page into a feed reader, and each new "
                "part comes to you, whole."
            ),
        ),
    ),
}
"""Path of a style sheet in the site -> selector, value of `content`, and what it says."""


def said(words: Words) -> Mapping[str, bytes]:
    """Path of each style sheet -> the rules to go on with; nothing for what is English anyway."""
    if not words.translated:
        return {}
    return {
        path: "".join(
            f"{selector} {{ content: {value.format(_quoted(words.gettext(message)))}; }}\n"
            for selector, value, message in rules
        ).encode()
        for path, rules in SAID.items()
    }


def _quoted(text: str) -> str:
    """A text as a string of CSS (CSS Syntax 3, section 4.3.5)."""
    return '"' + re.sub(r'["\\<\x00-\x1f\x7f]', lambda one: f"\\{ord(one[0]):x} ", text) + '"'
